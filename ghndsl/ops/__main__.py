"""A path goes in; the page that lists every operator is in that file then: `python -m ghndsl.ops docs/operators.md`."""

import sys
from pathlib import Path

from ghndsl.files import write_atomically
from ghndsl.ops.manual import listed

if __name__ == "__main__":
    write_atomically(Path(sys.argv[1]), listed().encode())
