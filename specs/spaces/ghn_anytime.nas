# Graph hypernetworks (Zhang, Ren and Urtasun, ICLR 2019, arXiv 1810.05749) for anytime prediction on CIFAR-10: blocks of
# 24, 16 and 8 nodes over scales 32, 16 and 8; the network may stop at six nodes. The paper leaves open which nodes have
# which scale, what they take, and which are exits. Here each scale of a block has eight nodes, the finest first; a node
# takes the last maps of its scale and the last of the next finer one, from one map on to all, so that there are chains
# as well as the dense layers of DenseNet and of MSDNet; and two of each block's coarsest nodes are exits.
use std.conv (EarlyClassifier, ReLUConvBN)

## An edge is a bottleneck of the last maps of a scale, from one on to all, averaged down to the scale of the node that it
## leads to.
block Edge(maps, channels: int, size: int) {
    first = 0
    if len(maps) > 1 {
        choose first from range(len(maps))
    }
    x: [N, C, H, W] = concat(maps[first:])
    x = x if H == size else x -> avg_pool(H // size)
    return x -> ReLUConvBN(channels, 1) as self
}

block Conv(x: [N, C, H, W], kernel: int) { return x -> ReLUConvBN(C, kernel) as self }

## A node concatenates what comes over its edges, one from each scale, which share its width, and applies its operation.
block Node(scales, channels: int, size: int) {
    half = channels // 2
    shares = [channels] if len(scales) == 1 else [half, channels - half]
    edges = [scales[k] -> Edge(shares[k], size) as from{k} for k in range(len(scales))]
    choose op {
        conv_1x1:     Conv(1)
        conv_3x3:     Conv(3)
        conv_5x5:     Conv(5)
        max_pool_3x3: max_pool(3, stride=1, padding=1)
        avg_pool_3x3: avg_pool(3, stride=1, padding=1)
    }
    return concat(edges) -> op as op
}

## A block adds `nodes` nodes to the maps of each scale from `first` on, and has two exits among its last.
block Block(maps, first: int, width: int, size: int, nodes: int) {
    for s in range(first, 3) {
        for i in range(nodes) {
            seen = [one for one in maps[max(s - 1, 0):s + 1] if len(one) > 0]
            node = Node(seen, width * 2 ** s, size // 2 ** s) as scale{s}.node{i}
            maps = maps[:s] + [maps[s] + [node]] + maps[s + 1:]
        }
    }
    choose 2 exits from range(nodes)
    return maps, exits
}

block Classifier(maps, classes: int, channels: int) {
    return concat(maps) -> relu -> EarlyClassifier(classes, channels) as self
}

## Nodes have `width` channels at the finest scale and twice as many at each coarser one. Candidates with another number of
## nodes are others: `nodes` is no scale. The hypernetwork of the paper learned from random numbers of nodes up to those
## that it was evaluated with: `ghndsl train-ghn ghn_anytime --vary nodes=2..8`.
space GHNAnytime(width: int = 12, size: int = 32, channels: int = 3, classes: int = 10, nodes: int = 8) {
    input image: f32[N, channels, size, size]
    maps = [[image -> (conv(width, 3, padding=1, bias=false) -> batch_norm) as stem], [], []]
    for b in range(3) {
        maps, exits = Block(maps, b, width, size, nodes) as block{b}
        for i in range(2) {
            seen = maps[2][:b * nodes + exits[i] + 1]
            exit early{2 * b + i} = seen -> Classifier(classes, 4 * width) as block{b}.scale2.node{exits[i]}.exit
        }
    }
    output logits = maps[2] -> Classifier(classes, 4 * width) as classifier
}
