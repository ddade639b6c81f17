# NAS-Bench-201 (Dong and Yang, ICLR 2020): a cell of six edges with five operations each, stacked in three stages.
use std.conv (ReLUConvBN)

block Op(x, channels: int) {
    choose op {
        none:         zeros_like(x)
        skip_connect: x
        nor_conv_1x1: x -> ReLUConvBN(channels, 1)
        nor_conv_3x3: x -> ReLUConvBN(channels, 3)
        avg_pool_3x3: x -> avg_pool(3, stride=1, padding=1, count_include_pad=false)
    }
    return op
}

## A node is the sum of its edges; edge `e3_1` leads to node 3 from node 1.
motif Cell(x, channels: int) {
    n1 = x -> Op(channels) as e1_0
    n2 = add([x -> Op(channels) as e2_0, n1 -> Op(channels) as e2_1])
    return add([x -> Op(channels) as e3_0, n1 -> Op(channels) as e3_1, n2 -> Op(channels) as e3_2])
}

## Halves the size between two stages.
block Reduction(x, channels: int) {
    y = x -> ReLUConvBN(channels, 3, stride=2) as conv_a -> ReLUConvBN(channels, 3) as conv_b
    return y + (x -> (avg_pool(2) -> conv(channels, 1, bias=false)) as downsample)
}

space NASBench201(width: int = 16, cells: int = 5, size: int = 32, classes: int = 10) {
    input image: f32[N, 3, size, size]
    x = image -> (conv(width, 3, padding=1, bias=false) -> batch_norm) as stem
    for s in range(3) {
        x = x -> Reduction(width * 2 ** s) as reduction{s} if s > 0 else x
        for i in range(cells) {
            x = x -> Cell(width * 2 ** s) as stage{s}.{i}
        }
    }
    x = x -> batch_norm as lastact -> relu
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as classifier
}
