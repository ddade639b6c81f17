# U-Nets (Ronneberger et al., MICCAI 2015, arXiv 1505.04597) and what came after: residual units (Zhang et al., arXiv
# 1711.10684), separable ones (Chollet, CVPR 2017, arXiv 1610.02357), gated skips (Oktay et al., arXiv 1804.03999), strides
# and other norms (Isensee et al., arXiv 1904.08128).

## As many groups as divide the channels, 8 at most.
block groups(channels: int) { return max([g for g in [1, 2, 4, 8] if channels % g == 0]) }

motif Norm(x: [N, C, H, W]) {
    choose norm {
        batch:    batch_norm
        group:    group_norm(groups(C))
        instance: instance_norm(affine=true)
    }
    return x -> norm as self
}

motif Act(x) {
    choose act from [relu, leaky_relu, silu]
    return x -> act
}

block Conv(x: [N, C, H, W], channels: int, kernel: int, separable: bool) {
    x = x -> conv(C, kernel, padding=kernel // 2, groups=C, bias=false) as depthwise if separable else x
    return x -> conv(channels, 1 if separable else kernel, padding=0 if separable else kernel // 2, bias=false) as conv
             -> Norm as norm
}

## Two convolutions, plain, beside a shortcut, or separable. What is chosen here holds for the whole network.
motif Unit(x: [N, C, H, W], channels: int) {
    choose kernel from [3, 5]
    choose kind from ["plain", "residual", "separable"]
    y = x -> Conv(channels, kernel, kind == "separable") as conv1 -> Act
          -> Conv(channels, kernel, kind == "separable") as conv2
    if kind == "residual" {
        y = y + (x if C == channels else x -> conv(channels, 1, bias=false) as shortcut)
    }
    return y -> Act
}

## One or two units, at one size.
block Stage(x, channels: int) {
    choose units from 1..2
    for i in range(units) {
        x = x -> Unit(channels) as {i}
    }
    return x
}

motif Down(x: [N, C, H, W]) {
    choose down {
        pool: max_pool(2)
        conv: conv(C, 2, stride=2)
    }
    return x -> down as self
}

motif Up(x, channels: int) {
    choose up {
        transposed: conv_transpose(channels, 2, stride=2) as conv
        bilinear:   interpolate(scale_factor=2, mode="bilinear") -> conv(channels, 3, padding=1) as conv
    }
    return x -> up
}

## The map from the way down beside that from below, or added to it; gated, it counts where both agree.
motif Join(skip: [N, C, H, W], x) {
    choose gate from [false, true]
    if gate {
        both = relu((skip -> conv(max(1, C // 2), 1) as skip) + (x -> conv(max(1, C // 2), 1) as below))
        skip = skip * (both -> conv(1, 1) as gate -> sigmoid)
    }
    choose join from ["concat", "add"]
    return concat(skip, x) if join == "concat" else skip + x
}

## The first stage has 1 to 4 times `width` channels, each one below twice as many. `depth` is how often sizes are halved.
space UNets(channels: int = 3, width: int = 16, classes: int = 2) {
    input image: f32[N, channels, 32 * H, 32 * W]
    choose base from 1..4
    choose depth from 2..4
    x, skips = image, []
    for i in range(depth) {
        x = x -> Stage(base * width * 2 ** i) as down{i}
        skips = [x] + skips
        x = x -> Down as pool{i}
    }
    x = x -> Stage(base * width * 2 ** depth) as bottom
    for i in range(depth) {
        c = base * width * 2 ** (depth - 1 - i)
        x = Join(skips[i], x -> Up(c) as up{i}) as join{i} -> Stage(c) as merge{i}
    }
    output logits = x -> conv(classes, 1) as head
}
