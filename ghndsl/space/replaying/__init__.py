"""Candidates go in one by one; their graphs come out, from scripts of what was elaborated alike before."""
