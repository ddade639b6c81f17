"""Candidates go in; candidates near them, of two, of vectors, of trials and in another space come out."""
