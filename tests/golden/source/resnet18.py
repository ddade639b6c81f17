# resnet18 g1-554cd9a73bc0e2304d08ce45c8a5e4ef, written by ghndsl 0.1.0.
"""`resnet18` as a module of torch.

    model = Resnet18()
    model.load_state_dict(torch.load("weights.pt", weights_only=True))

Weights in a `.safetensors` file are read by `safetensors.torch.load_file`.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class BasicBlock(nn.Module):
    """Two 3x3 convolutions beside a shortcut."""

    def __init__(self, in_channels: int, width: int, stride: int = 1, downsample: nn.Module | None = None) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.downsample = nn.Identity() if downsample is None else downsample

    def forward(self, x: Tensor) -> Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y)) + self.downsample(x)
        return F.relu(y)


class Resnet18(nn.Module):
    """The architecture `resnet18`.

    Takes:
        image: f32[N, 3, 224, 224]

    Gives:
        logits: f32[N, 1000]
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(*(BasicBlock(64, 64) for _ in range(2)))
        self.layer2 = nn.Sequential(
            BasicBlock(
                64,
                128,
                stride=2,
                downsample=nn.Sequential(nn.Conv2d(64, 128, 1, stride=2, bias=False), nn.BatchNorm2d(128)),
            ),
            BasicBlock(128, 128),
        )
        self.layer3 = nn.Sequential(
            BasicBlock(
                128,
                256,
                stride=2,
                downsample=nn.Sequential(nn.Conv2d(128, 256, 1, stride=2, bias=False), nn.BatchNorm2d(256)),
            ),
            BasicBlock(256, 256),
        )
        self.layer4 = nn.Sequential(
            BasicBlock(
                256,
                512,
                stride=2,
                downsample=nn.Sequential(nn.Conv2d(256, 512, 1, stride=2, bias=False), nn.BatchNorm2d(512)),
            ),
            BasicBlock(512, 512),
        )
        self.fc = nn.Linear(512, 1000)

    def forward(self, image: Tensor) -> Tensor:
        x: Tensor = F.relu(self.bn1(self.conv1(image)))
        x = self.layer2(self.layer1(F.max_pool2d(x, 3, stride=2, padding=1)))
        x = F.adaptive_avg_pool2d(self.layer4(self.layer3(x)), 1)
        x = self.fc(x.flatten(1))
        return x
