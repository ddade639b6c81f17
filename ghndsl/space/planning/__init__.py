"""A space's definition goes in; the diagram of its choices comes out, found by elaborating all candidates at once."""
