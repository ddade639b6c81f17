"""A graph goes in; its blocks, deep and repeated ones folded, come out, as pictures and tables show them."""
