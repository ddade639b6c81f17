space net(k: int = 3) {
    input x: f32[N, 3, 8, 8]
    choose g from dags(vertices=2..7) { a: x }
    output y = x
}
