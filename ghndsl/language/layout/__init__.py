"""A tree's words and the remarks between them go in; the text comes out, its lines broken in the one layout."""
