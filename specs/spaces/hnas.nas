# A grammar of cells, three levels deep, in the manner of Schrodi et al. (NeurIPS 2023, arXiv 2211.01842).

block Conv(x: [N, C, H, W]) {
    choose kind {
        full:      conv(C, 3, padding=1)
        depthwise: conv(C, 3, padding=1, groups=C)
        pointwise: conv(C, 1)
    }
    choose act from [relu, hardswish, mish]
    choose norm from [batch_norm, instance_norm]
    choose order {
        post: x -> kind -> norm -> act
        pre:  x -> act -> norm -> kind
    }
    return order
}

## A cell of one level is a convolution, or joins cells of the level below.
block Cell(x, level: int) {
    choose form {
        leaf:     x -> Conv
        linear:   x -> Down(level) as a -> Down(level) as b
        residual: add(x -> Down(level) as a, x -> Down(level) as b)
        diamond:  add(x -> Down(level) as a -> Down(level) as b, x -> Down(level) as c -> Down(level) as d)
    }
    return form
}

block Down(x, level: int) {
    return x -> Cell(level - 1) as self if level > 1 else x -> Conv as self
}

space HNAS(width: int = 16, size: int = 32, classes: int = 10) {
    input image: f32[N, 3, size, size]
    x = image -> (conv(width, 3, padding=1) -> batch_norm) as stem
    for s in range(3) {
        x = x -> Cell(3) as stage{s}
        x = x -> conv(2 * width * 2 ** s, 3, stride=2, padding=1) as down{s} if s < 2 else x
    }
    output logits = x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as head
}
