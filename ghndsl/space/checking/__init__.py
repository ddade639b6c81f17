"""The plan of a space goes in; what is wrong with its candidates, and what is proved of them, comes out."""
