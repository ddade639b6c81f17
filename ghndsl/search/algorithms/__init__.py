"""Ways to search a space: each proposes candidates and is told what they came to, in the same order.

Adding one is a file in `ways`. Nothing heavy is loaded here.
"""

from ghndsl.search.algorithms.base import Algorithm, Told
from ghndsl.search.algorithms.names import NAMES, algorithm, parsed
from ghndsl.search.algorithms.options import Given

__all__ = ["NAMES", "Algorithm", "Given", "Told", "algorithm", "parsed"]
