"""Decision diagrams of what candidates choose go in; their ways, counted, numbered, listed and walked, come out."""
