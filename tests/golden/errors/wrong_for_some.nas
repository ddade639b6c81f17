space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose c from [1, 3, 30]
    choose d from [1, 2]
    x = x -> conv(4, c, dilation=d)
    output y = x
}
