space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose a from [1, 2, 1]
    choose b {
        conv: x
        conv: x -> relu
    }
    output y = x
}
