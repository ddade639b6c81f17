"""The parts of `benchmarks/weights.py`: what generated weights are, and what networks make of them."""
