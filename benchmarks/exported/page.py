"""A page, the name of a place in it and a text go in; the page with the text there is written."""

from __future__ import annotations

from pathlib import Path


def put(page: Path, place: str, text: str) -> None:
    """Replaces what stands between `<!-- place -->` and `<!-- /place -->`; raises ValueError where these are not."""
    whole = page.read_text(encoding="utf-8")
    before, first, rest = whole.partition(f"<!-- {place} -->\n")
    _, last, after = rest.partition(f"<!-- /{place} -->")
    if not (first and last):
        raise ValueError(f"{page} has no place {place}")
    page.write_text(f"{before}{first}{text}\n{last}{after}", encoding="utf-8")
