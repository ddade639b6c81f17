"""What `benchmarks/queries.py` is made of: cells of a table, and a search among them."""
