"""A path goes in; the TextMate grammar is in that file then: `python -m ghndsl.highlight F.tmLanguage.json`."""

import sys
from pathlib import Path

from ghndsl.files import write_atomically
from ghndsl.highlight.textmate import textmate

if __name__ == "__main__":
    write_atomically(Path(sys.argv[1]), textmate().encode())
