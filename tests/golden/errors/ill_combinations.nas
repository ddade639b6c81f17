# One fault that several combinations of choices lead to, and one that only follows from a motif's second use.
motif Half(x: [N, C, H, W]) {
    choose act from [relu, gelu]
    choose k from [3, 5]
    return x -> conv(C, k, stride=2) -> act
}

space net() {
    input x: f32[N, 4, 8, 8]
    choose s from [1, 2, 4]
    choose k from [1, 3, 5]
    output short = x -> conv(4, 1, stride=s) -> conv(4, k)
    output long = x -> conv(4, 1) -> Half as one -> Half as two
}
