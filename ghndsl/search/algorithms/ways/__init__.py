"""The algorithms of ghndsl's own, one a file: it has the algorithm's name, and one class that is a `Stepwise`."""
