"""The addresses of a space and of a data set go in; both, and the scales to search at, come out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ghndsl.data import Dataset
    from ghndsl.search.scale import Scaled
    from ghndsl.space import Space


@dataclass(frozen=True)
class Scene:
    """A space, the images as they were loaded, and the space's scales with the images that each takes."""

    space: Space
    images: Dataset
    scale: Scaled


def scene(
    space: str,
    settings: list[str] | None,
    limit: list[str] | None,
    data: str,
    data_root: str | None,
    seed: int,
    *,
    download: bool,
) -> Scene:
    """Finds the space and loads the data. Errors: those of both, and G303 for a space without candidates."""
    from ghndsl.cli.options import limits_of
    from ghndsl.data import load
    from ghndsl.search.scale import scaled
    from ghndsl.space.load import find_space, parse_settings

    found = find_space(space, parse_settings(settings or []), limits_of(limit))
    images = load(data, data_root, seed, download=download)
    return Scene(found, images, scaled(found, images))
