space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose a from [1, 2]
    where a > 2
    output y = x
}
