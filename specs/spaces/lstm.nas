# Recurrent networks for tokens: what Reimers and Gurevych vary to label each token (arXiv 1707.06799), with gated
# units (Cho et al., arXiv 1406.1078) beside LSTMs, and to classify a sequence the poolings of Howard and Ruder (ACL 2018,
# arXiv 1801.06146) beside attention's. All sequences of a batch are of one length; no token stands for padding.

block Lstm(x, units: int, both: bool) {
    y, _h, _c = x -> lstm(units, batch_first=true, bidirectional=both) as self
    return y
}

block Gru(x, units: int, both: bool) {
    y, _h = x -> gru(units, batch_first=true, bidirectional=both) as self
    return y
}

## The states at each token, of `units` numbers for each direction. What is chosen here holds for all layers.
motif Layer(x: [N, T, D], units: int, both: bool) {
    choose cell {
        lstm: x -> Lstm(units, both) as lstm
        gru:  x -> Gru(units, both) as gru
    }
    choose shortcut from [false, true]
    wide = 2 * units if both else units
    if shortcut {
        y = cell + (x if D == wide else x -> linear(wide, bias=false) as shortcut)
    } else {
        y = cell
    }
    choose norm from [identity, layer_norm]
    choose rate from [0.0, 0.1, 0.25, 0.5]
    y = y -> norm as norm
    return y -> dropout(rate) if rate > 0 else y
}

## What is chosen for each layer.
block Chosen(x, width: int, both: bool) {
    choose units from 1..4
    return x -> Layer(units * width, both) as self
}

## One vector for a sequence: what was seen last from either end, the mean or the largest of all, or a weighed mean.
block Pool(x: [N, T, D], both: bool) {
    choose pool {
        last:    concat(x[:, -1, :D // 2], x[:, 0, D // 2:]) if both else x[:, -1]
        mean:    x -> mean(1)
        max:     x -> max(1)
        weighed: sum(x * (x -> linear(1) as score -> softmax(1)), 1)
    }
    return pool
}

## The states of the last layer at each token. Widths are 1 to 4 times `width`.
block Recurrent(tokens, vocab: int, width: int, both: bool) {
    choose embed from 1..4
    choose depth from 1..3
    x = tokens -> embedding(vocab, embed * width) as embed
    for i in range(depth) {
        x = x -> Chosen(width, both) as layers.{i}
    }
    return x
}

## Classes of each token.
space Tokens(vocab: int = 10000, width: int = 64, classes: int = 10) {
    input tokens: i64[N, T]
    choose both from [false, true]
    output logits = tokens -> Recurrent(vocab, width, both) as self -> linear(classes) as head
}

## Classes of a sequence.
space Sequence(vocab: int = 10000, width: int = 64, classes: int = 2) {
    input tokens: i64[N, T]
    choose both from [false, true]
    x = tokens -> Recurrent(vocab, width, both) as self
    output logits = x -> Pool(both) as pool -> linear(classes) as head
}
