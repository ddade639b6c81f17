# Graph hypernetworks (Zhang, Ren and Urtasun, ICLR 2019, arXiv 1810.05749) for anytime prediction on CIFAR-10: blocks of
# 24, 16 and 8 nodes over scales 32, 16 and 8; the network may stop at six nodes. The paper leaves open which nodes have
# which scale, how many inputs, and which are exits: here each scale of a block has eight nodes, the finest first, a node
# has one or two inputs, and two of each block's coarsest are exits.
use std.conv (ReLUConvBN)

## An edge is a bottleneck, after its map is averaged down to the scale of the node that it leads to.
block Edge(x: [N, C, H, W], channels: int, size: int) {
    x = x if H == size else x -> avg_pool(H // size)
    return x -> ReLUConvBN(channels, 1) as self
}

block Conv(x: [N, C, H, W], kernel: int) { return x -> ReLUConvBN(C, kernel) as self }

## A node concatenates its inputs, which share its width, and applies its operation.
block Node(earlier, channels: int, size: int) {
    inputs = [0]
    if len(earlier) > 1 {
        choose 1..2 inputs from range(len(earlier))
    }
    half = channels // 2
    shares = [channels] if len(inputs) == 1 else [channels - half, half]
    edges = [earlier[inputs[k]] -> Edge(shares[k], size) as from{inputs[k]} for k in range(len(inputs))]
    choose op {
        conv_1x1:     Conv(1)
        conv_3x3:     Conv(3)
        conv_5x5:     Conv(5)
        max_pool_3x3: max_pool(3, stride=1, padding=1)
        avg_pool_3x3: avg_pool(3, stride=1, padding=1)
    }
    return concat(edges) -> op as op
}

## A block has `nodes` nodes at each scale from `first` on, and two exits among the last. A node may see all before it and
## the block's inputs, one a scale.
block Block(inputs, first: int, width: int, size: int, nodes: int) {
    seen, made = [], []
    for scale in range(first, 3) {
        seen = seen + inputs[scale - first:scale - first + 1]
        for i in range(nodes) {
            node = Node(seen, width * 2 ** scale, size // 2 ** scale) as scale{scale}.node{i}
            seen, made = seen + [node], made + [node]
        }
    }
    choose 2 exits from range(nodes)
    return made, exits
}

## The inputs of the next block: the nodes of each scale, those of the finest joined to the next, where it ends.
block Inputs(made, channels: int, size: int, nodes: int) {
    maps = [concat(made[i:i + nodes]) for i in range(0, len(made), nodes)]
    return [concat([maps[i] -> Edge(channels // 2, size) as from{i} for i in range(2)])] + maps[2:]
}

block Classifier(x, classes: int) { return x -> relu -> adaptive_avg_pool(1) -> flatten -> linear(classes) as self }

## Nodes have `width` channels at the finest scale and twice as many at each coarser one. Candidates with another number of
## nodes are others: `nodes` is no scale. The hypernetwork of the paper learned from random numbers of nodes up to those
## that it was evaluated with: `ghndsl train-ghn ghn_anytime --vary nodes=2..8`.
space GHNAnytime(width: int = 18, size: int = 32, channels: int = 3, classes: int = 10, nodes: int = 8) {
    input image: f32[N, channels, size, size]
    inputs = [image -> (conv(width, 3, padding=1, bias=false) -> batch_norm) as stem]
    for b in range(3) {
        made, exits = Block(inputs, b, width, size, nodes) as block{b}
        for i in range(2) {
            last = made[exits[i] - nodes]
            exit early{2 * b + i} = last -> Classifier(classes) as block{b}.scale2.node{exits[i]}.exit
        }
        inputs = Inputs(made, 2 * width * 2 ** b, size // 2 ** (b + 1), nodes) as block{b}.join if b < 2 else []
    }
    output logits = concat(made) -> Classifier(classes) as classifier
}
