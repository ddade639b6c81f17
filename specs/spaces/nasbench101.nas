# NAS-Bench-101 (Ying et al., ICML 2019, arXiv 1902.09635): a cell is a graph of up to seven vertices and nine edges with
# three operations, stacked three times three. Widths follow the authors' code, for vertices in the order that a graph is
# numbered in: where a rest of channels is left, that code gives it to the first vertex, so that a cell written in another
# order is another network there (three parallel vertices have 2,024,094 to 2,040,231 parameters), and one here.

## A convolution that keeps the size, normalised.
block ConvBN(x, channels: int, kernel: int) {
    return x -> conv(channels, kernel, padding="same", bias=false) -> batch_norm(momentum=0.003) -> relu
}

## The same, as wide as its input.
block Same(x: [N, C, H, W], kernel: int) { return x -> ConvBN(C, kernel) }

## Vertices that feed the output share its channels, the first of them one more where that leaves a rest; any other is as
## wide as the widest that it feeds.
block vertex_width(g: dag, v: int, channels: int) {
    ends = [u for u in g.ends if u > 0]
    return channels // len(ends) + (1 if index(ends, v) < channels % len(ends) else 0) if v in ends
           else max([vertex_width(g, u, channels) for u in g.outputs[v]])
}

## The first channels of a vertex that is wider.
block Cut(x: [N, C, H, W], channels: int) { return x if C == channels else x[:, :channels] }

## A vertex sums the cell's input, projected to its width, and other vertices, cut to it. The output concatenates, and adds
## the projected input.
motif Cell(x, channels: int) {
    choose g from dags(vertices=2..7, edges=1..9) {
        conv3x3:    Same(3)
        conv1x1:    Same(1)
        maxpool3x3: max_pool(3, stride=1, padding=1)
    }
    values = [x]
    for v in g.inner {
        w = vertex_width(g, v, channels)
        fed = [x -> ConvBN(w, 1) as vertex{v}.projection if u == 0 else values[u] -> Cut(w) for u in g.inputs[v]]
        values = values + [add(fed) -> g.ops[v] as vertex{v}]
    }
    inner = [concat([values[v] for v in g.ends if v > 0])] if len(g) > 2 else []
    skip = [x -> ConvBN(channels, 1) as projection] if 0 in g.ends else []
    return add(inner + skip)
}

space NASBench101(width: int = 128, cells: int = 3, size: int = 32, classes: int = 10) {
    input image: f32[N, 3, size, size]
    x = image -> ConvBN(width, 3) as stem
    for s in range(3) {
        x = x -> max_pool(2, stride=2) if s > 0 else x
        for i in range(cells) {
            x = x -> Cell(width * 2 ** s) as stack{s}.module{i}
        }
    }
    output logits = x -> mean([2, 3]) -> linear(classes) as classifier
}
