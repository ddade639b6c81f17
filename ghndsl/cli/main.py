"""The program `ghndsl`: runs a command and turns what went wrong into one message and an exit code."""

from __future__ import annotations

import json
import os
import sys

from ghndsl.cli.app import app
from ghndsl.cli.colour import rendered
from ghndsl.diagnostics import CompileError, Diagnostic

REFUSED = 1
_NO_MEMORY = Diagnostic("G007", "there is not enough memory for this")


def main() -> None:
    """Runs the command line; exits 0 when done, 1 refused, 2 wrong usage, 130 interrupted."""
    # Threads that wait for work must not burn the cores that others need; torch reads this when it is loaded.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # Sizes and numbers of candidates may have any number of digits.
    sys.set_int_max_str_digits(0)
    try:
        app()
    except CompileError as error:
        _refuse(error.diagnostics)
    except BrokenPipeError:
        # Whoever read our output has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _refuse((Diagnostic("G007", f"{where}{error.strerror or error}"),))
    except MemoryError:
        _refuse((_NO_MEMORY,))
    except RuntimeError as error:
        # This is how torch says it.
        if "can't allocate memory" not in str(error):
            raise
        _refuse((_NO_MEMORY,))


def _refuse(diagnostics: tuple[Diagnostic, ...]) -> None:
    if "--json" in sys.argv:
        print(json.dumps({"ok": False, "diagnostics": [one.to_json() for one in diagnostics]}))
    else:
        print(rendered(diagnostics, sys.stderr), file=sys.stderr)
        print(f"\nMore about this: ghndsl explain {diagnostics[0].code}", file=sys.stderr)
    sys.exit(REFUSED)
