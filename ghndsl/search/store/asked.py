"""What a run is begun with goes in; what differs when it is to be gone on with comes out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from typing import cast

_MOST = 12
"""Lines of a changed text that are shown."""


@dataclass(frozen=True)
class Asked:
    """All that a run's findings depend on, and the command that asked for them, which may be written otherwise later.

    `settings` and `plan` are what JSON can say; they are compared value by value. `seed` is the one of the whole run;
    others follow from it. `metric` is what the data's metric is called.
    """

    space: str
    text: str
    text_hash: str
    settings: Mapping[str, object]
    data: str
    fingerprint: str
    plan: Mapping[str, object]
    seed: int
    command: Sequence[str] = ()
    metric: str = "accuracy"


def differences(then: Asked, now: Asked) -> tuple[str, ...]:
    """What differs, a note for each value, with the lines that changed of the space's text.

    >>> first = Asked("s", "a\\n", "1", {"width": 8}, "digits", "f", {"rungs": {"short": 100}}, 0)
    >>> for note in differences(first, Asked("s", "b\\n", "2", {}, "digits", "f", {"rungs": {"short": 50}}, 0)):
    ...     print(note)
    set width: 8 then, nothing now
    rungs.short: 100 then, 50 now
    the space's text changed:
    @@ -1 +1 @@
    -a
    +b
    """
    notes = [note for part in zip(_values(then), _values(now), strict=True) for note in _changes(*part)]
    return (*dict.fromkeys(notes), *_lines(then, now))


def _values(asked: Asked) -> list[dict[str, str]]:
    """The values by name, as JSON says them, in parts: a name of one may be in another too."""
    about = {"space": asked.space, "data": asked.data, "data's fingerprint": asked.fingerprint, "seed": asked.seed}
    return [flat(about), flat(asked.settings, "set "), flat(asked.plan)]


def _changes(then: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    changed = [name for name in {**then, **now} if then.get(name) != now.get(name)]
    return [f"{name}: {_shown(then.get(name))} then, {_shown(now.get(name))} now" for name in changed]


def _shown(value: str | None) -> str:
    return "nothing" if value is None else str(json.loads(value)) if value.startswith('"') else value


def _lines(then: Asked, now: Asked) -> list[str]:
    if then.text == now.text:
        hashes = then.text_hash, now.text_hash
        return [] if len(set(hashes)) == 1 else ["hash of the space's texts: {} then, {} now".format(*hashes)]
    found = list(unified_diff(then.text.splitlines(), now.text.splitlines(), lineterm="", n=1))[2:]
    left = len(found) - _MOST
    shown = found[:_MOST] or ["(only how its lines end)"]
    return ["the space's text changed:", *shown, *([f"and {left:,} further lines"] if left > 0 else [])]


def flat(settings: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """Nested settings under dotted names, as JSON says them.

    >>> flat({"plan": {"rungs": (1, 2), "name": "best"}})
    {'plan.rungs': '[1, 2]', 'plan.name': '"best"'}
    """
    found: dict[str, str] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            found |= flat(cast("Mapping[str, object]", value), f"{prefix}{name}.")
            continue
        found[f"{prefix}{name}"] = json.dumps(value)
    return found
