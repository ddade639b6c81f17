space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose a from []
    choose 3 b from [1, 2]
    choose 3..2 c from [1, 2]
    choose d { }
    output y = x
}
