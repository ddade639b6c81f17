"""How little the channels of each layer repeat each other before training."""

from __future__ import annotations

import torch

from ghndsl.ir import Graph
from ghndsl.ops import Mode, Results
from ghndsl.search.scorers.first import FirstWeights, outputs

_IMAGES = 16


class MeCo(FirstWeights):
    """The sum over layers of the smallest eigenvalue of the correlations between channels (Jiang et al., "MeCo",
    NeurIPS 2023)."""

    name = "meco"

    @torch.no_grad()
    def value(self, graph: Graph, weights: dict[str, torch.Tensor]) -> float:
        """Of feature maps for a few images, with batch statistics."""
        found: list[torch.Tensor] = []

        def see(results: Results) -> None:
            for result in results:
                if result.ndim == 4 and result.shape[1] > 1:
                    found.append(_least(result))

        outputs(graph, weights, self.batch.first(_IMAGES).feed(graph), Mode("train"), see)
        return float(torch.stack(found).sum()) if found else 0.0


def _least(maps: torch.Tensor) -> torch.Tensor:
    """The smallest eigenvalue for feature maps `[n, c, h, w]`; channels that never change are not correlated."""
    together = torch.corrcoef(maps.transpose(0, 1).flatten(1)).nan_to_num(0.0)
    values: torch.Tensor = torch.linalg.eigvalsh(together)
    return values[0]
