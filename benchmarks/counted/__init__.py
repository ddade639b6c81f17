"""What `spaces.py` measures: sizes, draws beside those of others, built graphs, chances and families of graphs."""
