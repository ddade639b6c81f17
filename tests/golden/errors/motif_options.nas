motif M(x, k: int) {
    choose c from [1, k]
    return x -> conv(c, 1)
}

space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    x = x -> M(2) as a -> M(3) as b
    output y = x
}
