"""Numbers go in; random graphs, exported and compared with torch, come out."""
