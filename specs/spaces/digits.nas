# A space for small images: one cell, its graph and its operations chosen, used at two sizes.

block Op(x: [N, C, H, W], act: op) {
    choose op {
        skip:         x
        conv_1x1:     x -> conv(C, 1, bias=false) -> batch_norm -> act
        conv_3x3:     x -> conv(C, 3, padding=1, bias=false) -> batch_norm -> act
        sep_3x3:      x -> conv(C, 3, padding=1, groups=C, bias=false) -> conv(C, 1, bias=false) -> batch_norm -> act
        max_pool_3x3: x -> max_pool(3, stride=1, padding=1)
        avg_pool_3x3: x -> avg_pool(3, stride=1, padding=1, count_include_pad=false)
    }
    return op
}

## A node sums one or two earlier nodes, each through an operation of its own; the cell sums its nodes.
motif Cell(x) {
    choose act from [relu, gelu, silu]
    nodes = [x, x -> Op(act) as node1]
    for i in range(2, 5) {
        choose 1..2 inputs from range(len(nodes))
        nodes = nodes + [add([nodes[j] -> Op(act) as node{i}.from{j} for j in inputs])]
    }
    return add(nodes[1:])
}

space digits(width: int = 6, cells: int = 1, size: int = 8, classes: int = 10) {
    input image: f32[N, 1, size, size]
    x = image -> (conv(width, 3, padding=1, bias=false) -> batch_norm -> relu) as stem
    for s in range(2) {
        x = x -> (conv(2 * width, 3, stride=2, padding=1, bias=false) -> batch_norm -> relu) as down if s > 0 else x
        for i in range(cells) {
            x = x -> Cell as stage{s}.{i}
        }
    }
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as head
}
