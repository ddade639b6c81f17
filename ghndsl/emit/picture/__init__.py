"""A graph goes in; a picture of it comes out: `dot`, `render`, `notebook`."""
