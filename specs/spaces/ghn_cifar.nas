# Graph hypernetworks (Zhang, Ren and Urtasun, ICLR 2019, arXiv 1810.05749) for CIFAR-10: a block of 17 nodes, the same
# 18 times over. The paper leaves open how many inputs a node has; here edges are two a node at most.
use std.conv (Auxiliary, ReLUConvBN)

block Conv(x: [N, C, H, W], kernel: size) {
    return x -> relu -> conv(C, kernel, padding="same", bias=false) -> batch_norm
}

## A depthwise separable convolution.
block Separable(x: [N, C, H, W], kernel: int, dilation: int = 1) {
    return x -> relu -> conv(C, kernel, padding=dilation * (kernel // 2), dilation=dilation, groups=C, bias=false)
             -> conv(C, 1, bias=false) -> batch_norm
}

## A node applies its operation, with one set of weights, to each of its inputs, and sums; the leaves are concatenated.
motif Block(last, before, nodes: int) {
    choose g from dags(vertices=nodes + 3, edges=nodes + 2..2 * nodes + 6, inputs=2, ends="leaves") {
        identity:     identity
        conv_1x1:     Conv(1)
        sep_3x3:      Separable(3)
        sep_5x5:      Separable(5)
        dil_sep_3x3:  Separable(3, dilation=2)
        dil_sep_5x5:  Separable(5, dilation=2)
        conv_1x7_7x1: Conv((1, 7)) -> Conv((7, 1))
        max_pool_3x3: max_pool(3, stride=1, padding=1)
        avg_pool_3x3: avg_pool(3, stride=1, padding=1)
    }
    made = [last, before]
    for v in g.inner {
        op = g.ops[v] as node{v}
        made = made + [add([made[u] -> op for u in g.inputs[v]])]
    }
    return concat([made[v] for v in g.ends])
}

## The inputs of a block are the two blocks before, brought to its width and size.
block Bottleneck(x: [N, C, H, W], channels: int, size: int) {
    return x -> ReLUConvBN(channels, 1, stride=H // size)
}

block Cell(last, before, channels: int, size: int, nodes: int) {
    a = last -> Bottleneck(channels, size) as input0
    b = before -> Bottleneck(channels, size) as input1
    return Block(a, b, nodes) as self
}

## Candidates with another number of nodes are others: `nodes` is no scale. (The hypernetwork of the paper learned from 7.)
## With `auxiliary` there is a second output at two thirds of the depth, as in the paper's last training.
space GHN(
    width: int = 32, blocks: int = 6, size: int = 32, classes: int = 10, nodes: int = 17, auxiliary: bool = false
) {
    input image: f32[N, 3, size, size]
    last = image -> (conv(width, 3, padding=1, bias=false) -> batch_norm) as stem
    before = last
    for s in range(3) {
        for i in range(blocks) {
            next = Cell(last, before, width * 2 ** s, size // 2 ** s, nodes) as stage{s}.{i}
            before, last = last, next
            if auxiliary and blocks * s + i == 2 * blocks {
                output aux = last -> Auxiliary(classes) as auxiliary
            }
        }
    }
    output logits = last -> adaptive_avg_pool(1) -> flatten -> linear(classes) as classifier
}
