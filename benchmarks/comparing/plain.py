"""Nothing goes in; networks of the shipped texts that torchvision lacks, in plain PyTorch, come out as modules."""

from __future__ import annotations

from typing import cast

import torch
from torch import nn
from torch.nn import functional


class _Attention(nn.Module):
    """Each token looks at itself and those before it."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        samples, length, width = x.shape
        parts = self.c_attn(x).view(samples, length, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        scores = torch.einsum("nhqd,nhkd->nhqk", q, k) / (width // self.heads) ** 0.5
        later = torch.ones(length, length, dtype=torch.bool).triu(1)
        seen = torch.einsum("nhqk,nhkd->nqhd", scores.masked_fill(later, -torch.inf).softmax(-1), v)
        return cast(torch.Tensor, self.c_proj(seen.reshape(samples, length, width)))


class _MLP(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.c_fc(x)
        bent = 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))
        return cast(torch.Tensor, self.c_proj(bent))


class _Layer(nn.Module):
    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1, self.attn = nn.LayerNorm(width), _Attention(width, heads)
        self.ln_2, self.mlp = nn.LayerNorm(width), _MLP(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + cast(torch.Tensor, self.mlp(self.ln_2(x)))


class GPT2(nn.Module):
    """GPT-2 small (Radford et al. 2019) with dense layers for its transposed convolutions."""

    def __init__(self, vocab: int = 50257, context: int = 1024, width: int = 768, depth: int = 12, heads: int = 12):
        super().__init__()
        self.wte, self.wpe = nn.Embedding(vocab, width), nn.Embedding(context, width)
        self.h = nn.ModuleList(_Layer(width, heads) for _ in range(depth))
        self.ln_f = nn.LayerNorm(width)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        x = self.wte(tokens) + self.wpe(torch.arange(tokens.shape[1]))
        for layer in self.h:
            x = layer(x)
        return functional.linear(self.ln_f(x), self.wte.weight)


class LSTMClassifier(nn.Module):
    """Two bidirectional layers, read out from the last states of the second."""

    def __init__(self, vocab: int = 30000, width: int = 256, classes: int = 2) -> None:
        super().__init__()
        self.embed = nn.Embedding(vocab, width, padding_idx=0)
        self.lstm = nn.LSTM(width, width, 2, bidirectional=True, batch_first=True)
        self.fc = nn.Linear(2 * width, classes)

    def forward(self, tokens: torch.Tensor) -> torch.Tensor:
        _, (states, _) = self.lstm(self.embed(tokens))
        return cast(torch.Tensor, self.fc(torch.cat((states[2], states[3]), 1)))


def _double(inside: int, outside: int) -> nn.Sequential:
    first, second = nn.Conv2d(inside, outside, 3, 1, 1, bias=False), nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
    return nn.Sequential(first, nn.BatchNorm2d(outside), nn.ReLU(), second, nn.BatchNorm2d(outside), nn.ReLU())


class UNet(nn.Module):
    """U-Net with padding and batch normalisation, four levels deep."""

    def __init__(self, base: int = 64, classes: int = 2) -> None:
        super().__init__()
        a, b, c, d, e = (base * 2**i for i in range(5))
        self.down0, self.down1, self.down2, self.down3 = _double(3, a), _double(a, b), _double(b, c), _double(c, d)
        self.bottom = _double(d, e)
        self.up0, self.merge0 = nn.ConvTranspose2d(e, d, 2, 2), _double(e, d)
        self.up1, self.merge1 = nn.ConvTranspose2d(d, c, 2, 2), _double(d, c)
        self.up2, self.merge2 = nn.ConvTranspose2d(c, b, 2, 2), _double(c, b)
        self.up3, self.merge3 = nn.ConvTranspose2d(b, a, 2, 2), _double(b, a)
        self.head = nn.Conv2d(a, classes, 1)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        a = self.down0(image)
        b = self.down1(functional.max_pool2d(a, 2))
        c = self.down2(functional.max_pool2d(b, 2))
        d = self.down3(functional.max_pool2d(c, 2))
        x = self.bottom(functional.max_pool2d(d, 2))
        x = self.merge0(torch.cat((d, self.up0(x)), 1))
        x = self.merge1(torch.cat((c, self.up1(x)), 1))
        x = self.merge2(torch.cat((b, self.up2(x)), 1))
        x = self.merge3(torch.cat((a, self.up3(x)), 1))
        return cast(torch.Tensor, self.head(x))


class Siamese(nn.Module):
    """One trunk on two images, one head on maps of three sizes, one cell at four steps."""

    def __init__(self, width: int = 32, state: int = 64, classes: int = 10) -> None:
        super().__init__()
        self.trunk = nn.Sequential(
            nn.Conv2d(3, width, 3, 2, 1), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, width, 3, 2, 1)
        )
        layers = [nn.Conv2d(width, width, 3, 1, 1), nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1), nn.ReLU()]
        self.head = nn.Sequential(*layers, nn.Conv2d(width, classes, 3, 1, 1))
        self.cell, self.same = nn.GRUCell(width, state), nn.Linear(state, 1)

    def forward(self, left: torch.Tensor, right: torch.Tensor) -> dict[str, torch.Tensor]:
        a, b = self.trunk(left), self.trunk(right)
        gap = (a - b).abs().mean((2, 3))
        h = torch.zeros(len(gap), self.cell.hidden_size)
        for _ in range(4):
            h = self.cell(gap, h)
        maps = {f"map{i}": self.head(functional.max_pool2d(a, 2**i)) for i in range(3)}
        return {**maps, "logits": self.same(h)}
