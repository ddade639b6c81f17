# The size search space of NATS-Bench (Dong et al., TPAMI 2021, arXiv 2009.00437): NAS-Bench-201's network with one cell a
# stage, the one that is best on CIFAR-100, whose five layers each have a chosen width.
use std.conv (ReLUConvBN)
use "nasbench201.nas" (Reduction)

block Cell(x: [N, C, H, W], channels: int) {
    n1 = x -> ReLUConvBN(channels, 3) as e1_0
    n2 = add(x -> ReLUConvBN(channels, 3) as e2_0, n1 -> ReLUConvBN(channels, 3) as e2_1)
    skip = x if C == channels else x -> (conv(channels, 1, bias=false) -> batch_norm) as e3_0
    return add(skip, n1 -> ReLUConvBN(channels, 3) as e3_1, n2 -> ReLUConvBN(channels, 3) as e3_2)
}

block Layer(x, i: int, width: int) {
    choose channels from range(8, 65, 8)
    c = channels * width // 8
    x = x -> (conv(c, 3, padding=1, bias=false) -> batch_norm) as stem if i == 0 else x
    return x -> Cell(c) as self if i % 2 == 0 else x -> Reduction(c) as self
}

## The stem is as wide as the first cell; layers 1 and 3 halve the size. Widths are the chosen ones where `width` is 8.
space NATSSize(width: int = 8, size: int = 32, classes: int = 10) {
    input image: f32[N, 3, size, size]
    x = image
    for i in range(5) {
        x = x -> Layer(i, width) as layer{i}
    }
    x = x -> batch_norm as lastact -> relu
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as classifier
}
