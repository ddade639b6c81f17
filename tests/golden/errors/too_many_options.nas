space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose 10 s from range(40)
    output y = x
}
