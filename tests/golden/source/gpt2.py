# gpt2 g1-5f6cf4c404985985fdc70d8683274064, written by ghndsl 0.1.0.
"""`gpt2` as a module of torch.

    model = Gpt2()
    model.load_state_dict(torch.load("weights.pt", weights_only=True))

Weights in a `.safetensors` file are read by `safetensors.torch.load_file`.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attn(nn.Module):
    """The part `attn` of the block `Layer`, as at `h.0.attn`."""

    def __init__(self) -> None:
        super().__init__()
        self.c_attn = nn.Linear(768, 2304)
        self.c_proj = nn.Linear(768, 768)

    def forward(self, x: Tensor) -> Tensor:
        n, t = x.shape[:2]
        q, k, v = torch.split(self.c_attn(x), 768, dim=-1)
        x = q.reshape(n, t, 12, 64).transpose(1, 2)
        y = k.reshape(n, t, 12, 64).transpose(1, 2)
        v = v.reshape(n, t, 12, 64).transpose(1, 2)
        x = F.scaled_dot_product_attention(x, y, v, is_causal=True).transpose(1, 2)
        x = self.c_proj(x.reshape(n, t, 768))
        return x


class Mlp(nn.Sequential):
    """The part `mlp` of the block `Layer`, as at `h.0.mlp`."""

    def __init__(self) -> None:
        super().__init__(
            OrderedDict(c_fc=nn.Linear(768, 3072), gelu=nn.GELU(approximate="tanh"), c_proj=nn.Linear(3072, 768))
        )


class Layer(nn.Module):
    """Causal attention and an MLP, each on its normalised input and added to it."""

    def __init__(self) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(768)
        self.attn = Attn()
        self.ln_2 = nn.LayerNorm(768)
        self.mlp = Mlp()

    def forward(self, x: Tensor) -> Tensor:
        x = x + self.attn(self.ln_1(x))
        x = x + self.mlp(self.ln_2(x))
        return x


class Gpt2(nn.Module):
    """For each token the logits of the next one; at most `context` tokens.

    Takes:
        tokens: i64[N, T]

    Gives:
        logits: f32[N, T, 50257]
    """

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.ParameterDict({"weight": nn.Parameter(torch.randn(50257, 768) * 0.02)})
        self.wpe = nn.ParameterDict({"weight": nn.Parameter(torch.randn(1024, 768) * 0.02)})
        self.h = nn.Sequential(*(Layer() for _ in range(12)))
        self.ln_f = nn.LayerNorm(768)

    def forward(self, tokens: Tensor) -> Tensor:
        t = tokens.shape[1]
        x: Tensor = self.h(F.embedding(tokens, self.wte["weight"]) + self.wpe["weight"][:t])
        x = self.ln_f(x) @ self.wte["weight"].transpose(0, 1)
        return x
