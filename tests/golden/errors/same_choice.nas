space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose c from [1, 3]
    x = x -> conv(4, c)
    choose c from [1, 3]
    output y = x
}
