# DARTS (Liu et al., ICLR 2019, arXiv 1806.09055) for CIFAR-10: the network that is trained after the search.
use std.conv (Auxiliary)

block ReLUConvBN(x, c: int) {
    return x -> relu -> conv(c, 1, bias=false) -> batch_norm
}

## A depthwise separable convolution, twice.
block SepConv(x: [N, C, H, W], c: int, k: int, stride: int) {
    y = x -> relu -> conv(C, k, stride, padding=k // 2, groups=C, bias=false) -> conv(C, 1, bias=false) -> batch_norm
    return y -> relu -> conv(C, k, padding=k // 2, groups=C, bias=false) -> conv(c, 1, bias=false) -> batch_norm
}

## A dilated depthwise separable convolution.
block DilConv(x: [N, C, H, W], c: int, k: int, stride: int) {
    return x -> relu -> conv(C, k, stride, padding=k - 1, dilation=2, groups=C, bias=false)
             -> conv(c, 1, bias=false) -> batch_norm
}

## Halves the size; half of the channels look at even places, half at odd ones.
block FactorizedReduce(x, c: int) {
    x = x -> relu
    even = x -> conv(c // 2, 1, stride=2, bias=false) as conv_1
    odd = x[:, :, 1:, 1:] -> conv(c - c // 2, 1, stride=2, bias=false) as conv_2
    return concat(even, odd) -> batch_norm as bn
}

block Op(x, c: int, stride: int) {
    choose op {
        max_pool_3x3: x -> max_pool(3, stride, 1)
        avg_pool_3x3: x -> avg_pool(3, stride, 1, count_include_pad=false)
        skip_connect: x if stride == 1 else x -> FactorizedReduce(c)
        sep_conv_3x3: x -> SepConv(c, 3, stride)
        sep_conv_5x5: x -> SepConv(c, 5, stride)
        dil_conv_3x3: x -> DilConv(c, 3, stride)
        dil_conv_5x5: x -> DilConv(c, 5, stride)
    }
    return op
}

## The sum of two operations on two earlier states; those on the cell's inputs take the stride.
block Node(states, c: int, stride: int) {
    choose 2 inputs from range(len(states))
    return add([states[j] -> Op(c, stride if j < 2 else 1) as from{j} for j in inputs])
}

block Nodes(a, b, c: int, stride: int) {
    states = [a, b]
    for i in range(2, 6) {
        states = states + [Node(states, c, stride) as node{i}]
    }
    return concat(states[2:])
}

motif Normal(a, b, c: int) {
    return Nodes(a, b, c, 1) as self
}

motif Reduction(a, b, c: int) {
    return Nodes(a, b, c, 2) as self
}

block Stem(image, c: int) { return image -> (conv(c, 3, padding=1, bias=false) -> batch_norm) as stem }

block Head(x, classes: int) { return x -> adaptive_avg_pool(1) -> flatten -> linear(classes) as classifier }

## The normal cell alone, `cells` of them at one size.
space OneCell(width: int = 36, cells: int = 6, size: int = 32, classes: int = 10) {
    input image: f32[N, 3, size, size]
    b = image -> Stem(3 * width) as self
    a = b
    for i in range(cells) {
        a = a -> ReLUConvBN(width) as cells.{i}.preprocess0
        c = b -> ReLUConvBN(width) as cells.{i}.preprocess1
        a, b = b, Normal(a, c, width) as cells.{i}
    }
    output logits = b -> Head(classes) as self
}

## Normal cells, `cells` of them before, between and after two reductions that halve the size and double the channels.
## With `auxiliary` there is a second output at two thirds of the depth, which counts in the last training alone.
space DARTS(width: int = 36, cells: int = 6, size: int = 32, classes: int = 10, auxiliary: bool = false) {
    input image: f32[N, 3, size, size]
    b = image -> Stem(3 * width) as self
    a, c, shrunk = b, width, false
    for i in range(3 * cells + 2) {
        reduce = i == cells or i == 2 * cells + 1
        c = 2 * c if reduce else c
        a = a -> FactorizedReduce(c) as cells.{i}.preprocess0 if shrunk
            else a -> ReLUConvBN(c) as cells.{i}.preprocess0
        d = b -> ReLUConvBN(c) as cells.{i}.preprocess1
        cell = Reduction(a, d, c) as cells.{i} if reduce else Normal(a, d, c) as cells.{i}
        a, b, shrunk = b, cell, reduce
        if auxiliary and i == 2 * (3 * cells + 2) // 3 {
            output aux = b -> Auxiliary(classes) as auxiliary
        }
    }
    output logits = b -> Head(classes) as self
}
