# unet g1-a0a54b8b9a4ccedcaf1e33f85db9740c, written by ghndsl 0.1.0.
"""`unet` as a module of torch.

    model = Unet()
    model.load_state_dict(torch.load("weights.pt", weights_only=True))

Weights in a `.safetensors` file are read by `safetensors.torch.load_file`.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Double(nn.Sequential):
    """The block `Double`, as at `down0`."""

    def __init__(self, in_channels: int, c: int) -> None:
        super().__init__(
            nn.Conv2d(in_channels, c, 3, padding=1, bias=False),
            nn.BatchNorm2d(c),
            nn.ReLU(),
            nn.Conv2d(c, c, 3, padding=1, bias=False),
            nn.BatchNorm2d(c),
            nn.ReLU(),
        )


class Unet(nn.Module):
    """The skips are a list: going down puts a map in front, going up takes them in turn.

    Takes:
        image: f32[N, 3, 16*H, 16*W]

    Gives:
        logits: f32[N, 2, 16*H, 16*W]
    """

    def __init__(self) -> None:
        super().__init__()
        self.down0 = Double(3, 64)
        self.down1 = Double(64, 128)
        self.down2 = Double(128, 256)
        self.down3 = Double(256, 512)
        self.bottom = Double(512, 1024)
        self.up0 = nn.ConvTranspose2d(1024, 512, 2, stride=2)
        self.merge0 = Double(1024, 512)
        self.up1 = nn.ConvTranspose2d(512, 256, 2, stride=2)
        self.merge1 = Double(512, 256)
        self.up2 = nn.ConvTranspose2d(256, 128, 2, stride=2)
        self.merge2 = Double(256, 128)
        self.up3 = nn.ConvTranspose2d(128, 64, 2, stride=2)
        self.merge3 = Double(128, 64)
        self.head = nn.Conv2d(64, 2, 1)

    def forward(self, image: Tensor) -> Tensor:
        down0: Tensor = self.down0(image)
        down1: Tensor = self.down1(F.max_pool2d(down0, 2))
        down2: Tensor = self.down2(F.max_pool2d(down1, 2))
        down3: Tensor = self.down3(F.max_pool2d(down2, 2))
        x: Tensor = self.up0(self.bottom(F.max_pool2d(down3, 2)))
        x = self.up1(self.merge0(torch.cat((down3, x), dim=1)))
        x = self.up2(self.merge1(torch.cat((down2, x), dim=1)))
        x = self.up3(self.merge2(torch.cat((down1, x), dim=1)))
        x = self.head(self.merge3(torch.cat((down0, x), dim=1)))
        return x
