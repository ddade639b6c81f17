"""One graph goes in, or two; the rows of a table come out: `rows`, `difference`."""
