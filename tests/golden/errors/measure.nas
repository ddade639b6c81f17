space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose k from [1, 3]
    if params > 3 { x = x -> conv(4, k) }
    output y = x
}
