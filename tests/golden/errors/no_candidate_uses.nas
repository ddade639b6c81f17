# A part that no candidate uses, beside one that only some use.
space net() {
    input x: f32[N, 3, 8, 8]
    choose k from [1, 3]
    choose unused from [1, 2]
    states = [x -> conv(4, k), x -> conv(4, 3), x -> conv(4, 3, padding=1)]
    choose which from [0, 1]
    output y = states[which] -> relu
}
