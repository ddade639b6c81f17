# Once-for-All (Cai et al., ICLR 2020, arXiv 1908.09791): MobileNetV3, elastic in depth `d`, kernel size `ks` and expansion
# `e`, and in one of the spaces in resolution `r`, as its authors name them. 600M is the paper's mobile setting, which only
# networks of a larger `width` exceed.
use std.conv (ConvBN)
use std.mobile (SqueezeExcite, divisible)

## Widens, looks around in each channel, and narrows again.
block MBConv(x: [N, C, H, W], c: int, stride: int, se: bool, act: op) {
    choose ks from [3, 5, 7]
    choose e from [3, 4, 6]
    mid = divisible(C * e)
    y = x -> ConvBN(mid, 1, act=act) as inverted_bottleneck -> ConvBN(mid, ks, stride, mid, act) as depth_conv
    y = y -> SqueezeExcite(divisible(mid // 4), gate=hardsigmoid) as se if se else y
    y = y -> ConvBN(c, 1, act=identity) as point_linear
    return x + y if stride == 1 and C == c else y
}

block Stage(x, c: int, stride: int, se: bool, act: op) {
    choose d from 2..4
    for i in range(d) {
        x = x -> MBConv(c, stride if i == 0 else 1, se, act) as {i}
    }
    return x
}

block MobileNetV3(image, width: int, classes: int) {
    x = image -> ConvBN(divisible(width), 3, 2, act=hardswish) as first_conv
    y = x -> ConvBN(divisible(width), 3, groups=divisible(width)) as depth_conv
          -> ConvBN(divisible(width), 1, act=identity) as point_linear
    x = x + y
    stages = [
        (24, 2, false, relu), (40, 2, true, relu), (80, 2, false, hardswish),
        (112, 1, true, hardswish), (160, 2, true, hardswish),
    ]
    for s in range(5) {
        c, stride, se, act = stages[s]
        x = x -> Stage(divisible(c * width / 16), stride, se, act) as stage{s}
    }
    return x -> ConvBN(divisible(60 * width), 1, act=hardswish) as final_expand_layer -> adaptive_avg_pool(1)
             -> conv(divisible(80 * width), 1, bias=false) as feature_mix_layer -> hardswish -> flatten
             -> dropout(0.1) -> linear(classes) as classifier
}

## Each candidate takes images of its own size; `size` is that of the largest.
space AnyResolution(width: int = 16, size: int = 224, classes: int = 1000) {
    choose r from range(128, 225, 4)
    input image: f32[N, 3, r * size // 224, r * size // 224]
    output logits = image -> MobileNetV3(width, classes) as self
    where macs <= 600M
}

## All candidates take images of one size, so that they can be compared on the same ones. `width` is that of the stem.
space OFA(width: int = 16, size: int = 224, classes: int = 1000) {
    input image: f32[N, 3, size, size]
    output logits = image -> MobileNetV3(width, classes) as self
    where macs <= 600M
}
