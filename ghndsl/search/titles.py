"""The names of a search's stages go in; what they are called where a person sees them comes out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

TITLES: Mapping[str, str] = {
    "train_ghn": "Training the hypernetwork",
    "smash": "Training a hypernetwork without the graph",
    "one_shot": "Training shared weights",
    "score": "Scoring candidates",
    "short": "Training the better ones a little",
    "train": "Training the best from scratch",
    "curves": "Answering at every budget",
}
"""In the order in which they begin; those of estimators that learn first are called as these."""

_AGAIN = "score_"


def again(parts: Sequence[str]) -> tuple[str, str]:
    """The name and the title of a later look at the best, by some estimators.

    >>> again(["early", "macs"])
    ('score_early+macs', 'Scoring the best by early+macs')
    """
    names = "+".join(parts)
    return f"{_AGAIN}{names}", f"Scoring the best by {names}"


def measured_by(name: str) -> str | None:
    """What each candidate of a later look is measured by, among others; None of another stage.

    >>> measured_by("score_early+macs"), measured_by("score")
    ('early', None)
    """
    return name.removeprefix(_AGAIN).split("+")[0] if name.startswith(_AGAIN) else None
