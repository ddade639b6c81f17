"""Settings of all tests."""

from hypothesis import settings

# The same examples at every run: a gate must not fail by chance. Longer, random runs are benchmarks.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")
