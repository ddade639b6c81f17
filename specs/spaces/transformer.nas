# Encoders for tokens (Vaswani et al., NeurIPS 2017, arXiv 1706.03762) whose width, depth, heads and MLPs are chosen as in
# HAT (Wang et al., ACL 2020, arXiv 2005.14187), normalised before or after (Xiong et al., ICML 2020, arXiv 2002.04745),
# with gated MLPs (Shazeer, arXiv 2002.05202). All sequences of a batch are of one length; no token stands for padding.

motif Norm(x) {
    choose norm from [layer_norm, rms_norm]
    return x -> norm as self
}

block Dropout(x, rate: float) { return x -> dropout(rate) if rate > 0 else x }

## Heads keep their width, whatever their number and that of the tokens.
block Attention(x: [N, T, D], heads: int, width: int) {
    qkv = x -> linear(3 * heads * width) as qkv -> reshape(N, T, 3, heads, width) -> permute(2, 0, 3, 1, 4)
    y = scaled_dot_product_attention(qkv[0], qkv[1], qkv[2])
    return y -> transpose(1, 2) -> reshape(N, T, heads * width) -> linear(D) as proj
}

block MLP(x: [N, T, D], hidden: int) {
    choose act {
        relu:   x -> linear(hidden) as fc1 -> relu
        gelu:   x -> linear(hidden) as fc1 -> gelu
        swiglu: (x -> linear(hidden) as gate -> silu) * (x -> linear(hidden) as fc1)
    }
    return act -> linear(D) as fc2
}

## Attention and an MLP, each added to its input. What is chosen here holds for all layers.
motif Layer(x: [N, T, D], heads: int, hidden: int, width: int, before: bool) {
    choose rate from [0.0, 0.1]
    y = x -> Norm as norm1 if before else x
    x = x + (y -> Attention(heads, width) as attn -> Dropout(rate))
    x = x if before else x -> Norm as norm1
    y = x -> Norm as norm2 if before else x
    x = x + (y -> MLP(hidden) as mlp -> Dropout(rate))
    return x if before else x -> Norm as norm2
}

## What is chosen for each layer.
block Chosen(x: [N, T, D], width: int, before: bool) {
    choose heads from 1..4
    choose ratio from 1..4
    return x -> Layer(heads, D * ratio, width, before) as self
}

## Waves of lengths from 2 pi to 10000 times that, [T, D]: sines first, then cosines.
block Waves(x: [N, T, D]) {
    half = (D + 1) // 2
    rates = exp(arange(half, dtype="f32") * (-log(10000) / half))
    angles = (arange(T, dtype="f32") -> reshape(T, 1)) * rates
    return concat(sin(angles), cos(angles))[:, :D]
}

block Pool(x) {
    choose pool {
        first: x[:, 0]
        mean:  x -> mean(1)
        max:   x -> max(1)
    }
    return pool
}

## Each token as the last layer leaves it; learned positions are those of at most `length` tokens.
block Encoder(tokens: [N, T], vocab: int, length: int, width: int) {
    choose dim from 2..4
    choose depth from 1..6
    choose before from [true, false]
    x = tokens -> embedding(vocab, dim * width) as embed
    choose positions {
        learned: x + (parameter(length, dim * width) as positions)[:T]
        waves:   x + (x -> Waves)
    }
    x = positions if before else positions -> Norm as norm
    for i in range(depth) {
        x = x -> Chosen(width, before) as layers.{i}
    }
    return x -> Norm as norm if before else x
}

## Classes of each token. `width` is that of a head.
space Tokens(vocab: int = 10000, length: int = 512, width: int = 64, classes: int = 10) {
    input tokens: i64[N, T]
    output logits = tokens -> Encoder(vocab, length, width) as self -> linear(classes) as head
}

## Classes of a sequence. `width` is that of a head.
space Sequence(vocab: int = 10000, length: int = 512, width: int = 64, classes: int = 2) {
    input tokens: i64[N, T]
    output logits = tokens -> Encoder(vocab, length, width) as self -> Pool as pool -> linear(classes) as head
}
