# MLPs and residual networks for tables, in the ranges in which Gorishniy et al. tune theirs (NeurIPS 2021, arXiv
# 2106.11959), with more activations. Numbers go in standardised, categories one-hot. What is chosen in a motif holds for
# all layers.

motif Act(x) {
    choose act from [relu, gelu, silu]
    return x -> act
}

motif Norm(x) {
    choose norm from [batch_norm, layer_norm]
    return x -> norm as self
}

block Dropout(x) {
    choose rate from [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    return x -> dropout(rate) if rate > 0 else x
}

motif Plain(x) { return x -> Act -> Dropout as self }

## What a residual layer adds: two linear layers, the first `factor` times as wide.
motif Residual(x: [N, D]) {
    choose factor from 1..4
    return x -> Norm as norm -> linear(D * factor) as linear0 -> Act -> Dropout as hidden -> linear(D) as linear1
             -> Dropout as residual
}

## Layers of three widths: the first, those between, the last.
block MLP(x, depth: int, unit: int) {
    choose first from 1..8
    x = x -> linear(first * unit) as layers.0 -> Plain
    if depth > 2 {
        choose middle from 1..8
        for i in range(1, depth - 1) {
            x = x -> linear(middle * unit) as layers.{i} -> Plain
        }
    }
    if depth > 1 {
        choose last from 1..8
        x = x -> linear(last * unit) as layers.{depth - 1} -> Plain
    }
    return x
}

block ResNet(x, depth: int, unit: int) {
    choose width from 1..8
    x = x -> linear(width * unit) as first
    for i in range(depth) {
        x = x + (x -> Residual as layers.{i})
    }
    return x -> Norm as norm -> Act
}

## Widths are 1 to 8 times `width`.
space Tabular(features: int = 16, width: int = 64, classes: int = 2) {
    input x: f32[N, features]
    choose depth from 1..8
    choose kind {
        mlp:    x -> MLP(depth, width) as self
        resnet: x -> ResNet(depth, width) as self
    }
    output logits = kind -> linear(classes) as head
}
