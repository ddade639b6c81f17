"""What no call of torch computes; a file of source holds, word for word, the parts of this one that it needs."""

import math
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn


def own_module(module: nn.Module, name: str) -> nn.Module:
    """A child whose name is one of torch's own."""
    return dict(module.named_children())[name]


def own_tensor(module: nn.Module, name: str) -> Tensor:
    """A parameter or buffer whose name is one of torch's own."""
    parameters: dict[str, Tensor] = dict(module.named_parameters(recurse=False))
    return parameters[name] if name in parameters else dict(module.named_buffers(recurse=False))[name]


def stochastic_depth(x: Tensor, p: float, mode: str, training: bool) -> Tensor:
    """In training x is zero with probability p, for each row or the whole batch, and else grows by 1 / (1 - p)."""
    if not training or p == 0:
        return x
    if p == 1:
        return x * 0
    rows = x.shape[0] if mode == "row" else 1
    return x * x.new_empty((rows, *[1] * (x.dim() - 1))).bernoulli_(1 - p) / (1 - p)


class StochasticDepth(nn.Module):
    """In training gives zero with probability p, for each row or the whole batch."""

    def __init__(self, p: float, mode: str) -> None:
        super().__init__()
        self.p = p
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        return stochastic_depth(x, self.p, self.mode, self.training)


class Permute(nn.Module):
    """The dimensions in another order."""

    def __init__(self, *dims: int) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        return x.permute(self.dims)


def relative_position_index(height: int, width: int) -> Tensor:
    """For each two places of a window, row by row, the number of the offset from the second to the first."""
    rows, columns = torch.arange(height).repeat_interleave(width), torch.arange(width).repeat(height)
    return (rows[:, None] - rows + height - 1) * (2 * width - 1) + columns[:, None] - columns + width - 1


def relative_position_bias(table: Tensor, index: Tensor) -> Tensor:
    """The rows of a table for each two places: `[1, heads, places, places]`."""
    places = math.isqrt(index.numel())
    return table[index.flatten()].view(places, places, -1).permute(2, 0, 1).unsqueeze(0)


def relative_coordinates(height: int, width: int) -> Tensor:
    """The offsets within a window, `[1, 2 height - 1, 2 width - 1, 2]`, on a logarithmic scale."""
    axes = [torch.arange(1.0 - size, size) / (size - 1) * 8 for size in (height, width)]
    offsets = torch.stack(torch.meshgrid(axes, indexing="ij"), dim=-1).unsqueeze(0)
    return torch.sign(offsets) * torch.log2(torch.abs(offsets) + 1) / 3


class WindowAttention(nn.Module):
    """Multi-head attention within windows of an image, channels last (Swin Transformer, arXiv 2103.14030)."""

    def __init__(
        self,
        dim: int,
        num_heads: int,
        window: tuple[int, int],
        shift: tuple[int, int] = (0, 0),
        qkv_bias: bool = True,
        proj_bias: bool = True,
        attention_dropout: float = 0.0,
        dropout: float = 0.0,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.window = window
        self.shift = shift
        self.qkv_bias = qkv_bias
        self.attention_dropout = attention_dropout
        self.dropout = dropout
        self.qkv = nn.Linear(dim, 3 * dim, bias=qkv_bias, dtype=dtype)
        self.proj = nn.Linear(dim, dim, bias=proj_bias, dtype=dtype)
        self.register_buffer("relative_position_index", relative_position_index(*window).flatten())
        self.learn(dtype)

    def learn(self, dtype: torch.dtype) -> None:
        """Makes what biases are told by."""
        offsets = (2 * self.window[0] - 1) * (2 * self.window[1] - 1)
        self.relative_position_bias_table = nn.Parameter(torch.randn(offsets, self.num_heads, dtype=dtype) * 0.02)

    def biases(self) -> Tensor:
        """What is added to the attention between two places, `[1, heads, places, places]`."""
        return relative_position_bias(self.relative_position_bias_table, self.get_buffer("relative_position_index"))

    def packed(self, windows: Tensor) -> Tensor:
        """Queries, keys and values side by side."""
        return cast("Tensor", self.qkv(windows))

    def scores(self, q: Tensor, k: Tensor) -> Tensor:
        """How well keys fit queries."""
        return q / math.sqrt(q.shape[-1]) @ k.transpose(-2, -1)

    def forward(self, x: Tensor) -> Tensor:
        n, height, width, channels = x.shape
        (down, along), shift = self.window, self.shift
        rows, columns = -(-height // down), -(-width // along)
        # One window that covers all is not shifted: that would tear what is one.
        shift = (0 if down >= rows * down else shift[0], 0 if along >= columns * along else shift[1])
        x = F.pad(x, (0, 0, 0, columns * along - width, 0, rows * down - height))
        x = x.roll((-shift[0], -shift[1]), (1, 2)).view(n, rows, down, columns, along, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(n, rows * columns, down * along, channels)
        heads = self.packed(x).reshape(n, rows * columns, down * along, 3, self.num_heads, -1)
        q, k, v = heads.permute(3, 0, 1, 4, 2, 5).unbind()
        scores = self.scores(q, k) + self.biases() + self.mask(x, rows, columns, shift)
        shares = F.dropout(scores.softmax(-1), self.attention_dropout, self.training)
        x = self.proj((shares @ v).transpose(2, 3).reshape(x.shape))
        x = F.dropout(x, self.dropout, self.training).view(n, rows, columns, down, along, channels)
        x = x.permute(0, 1, 3, 2, 4, 5).reshape(n, rows * down, columns * along, channels)
        return x.roll(shift, (1, 2))[:, :height, :width].contiguous()

    def mask(self, x: Tensor, rows: int, columns: int, shift: tuple[int, int]) -> Tensor:
        """What is added between places that are neighbours only by the shift, `[windows, 1, places, places]`."""
        down, along = self.window
        areas = x.new_zeros(rows * down, columns * along)
        if any(shift):
            for first in (slice(0, -down), slice(-down, -shift[0] or None), slice(-shift[0] or rows * down, None)):
                for second in (
                    slice(0, -along),
                    slice(-along, -shift[1] or None),
                    slice(-shift[1] or columns * along, None),
                ):
                    areas[first, second] = areas.max() + 1
        own = areas.view(rows, down, columns, along).transpose(1, 2).reshape(rows * columns, 1, down * along)
        return torch.where(own.unsqueeze(2) == own.unsqueeze(3), 0.0, -100.0).to(x)


class WindowAttentionV2(WindowAttention):
    """Attention in windows by directions, with biases that a small network makes (arXiv 2111.09883)."""

    def learn(self, dtype: torch.dtype) -> None:
        """Makes what biases and sharpness are told by."""
        self.logit_scale = nn.Parameter(torch.full((self.num_heads, 1, 1), math.log(10), dtype=dtype))
        hidden = nn.Linear(2, 512, dtype=dtype)
        self.cpb_mlp = nn.Sequential(hidden, nn.ReLU(), nn.Linear(512, self.num_heads, bias=False, dtype=dtype))
        self.register_buffer("relative_coords_table", relative_coordinates(*self.window).to(dtype))

    def biases(self) -> Tensor:
        """What is added to the attention between two places."""
        table = self.cpb_mlp(self.get_buffer("relative_coords_table")).flatten(0, 2)
        return 16 * relative_position_bias(table, self.get_buffer("relative_position_index")).sigmoid()

    def packed(self, windows: Tensor) -> Tensor:
        """Queries, keys and values side by side; keys have no bias."""
        if not self.qkv_bias:
            return F.linear(windows, self.qkv.weight)
        q, k, v = self.qkv.bias.chunk(3)
        return F.linear(windows, self.qkv.weight, torch.cat((q, k * 0, v)))

    def scores(self, q: Tensor, k: Tensor) -> Tensor:
        """How near the directions of keys and queries are."""
        sharpness = self.logit_scale.clamp(max=math.log(100)).exp()
        return F.normalize(q, dim=-1) @ F.normalize(k, dim=-1).transpose(-2, -1) * sharpness
