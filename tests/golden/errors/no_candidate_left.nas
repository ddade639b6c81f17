# Each branch has a condition of its own, and neither is met.
block Even(x, k: int) {
    where k % 2 == 0
    return x -> conv(4, k)
}

block Large(x, k: int) {
    where k > 5
    return x -> conv(4, k)
}

space net() {
    input x: f32[N, 4, 8, 8]
    choose k from [1, 3, 5]
    choose op {
        even: x -> Even(k)
        large: x -> Large(k)
    }
    output y = op
}
