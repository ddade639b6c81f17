"""Texts go in that ship, are documented or tested; broken ones come out, and what the language says of each."""
