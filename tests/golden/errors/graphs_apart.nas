use std.graph (walk)

space net() {
    input x: f32[N, 3, 8, 8]
    choose g from dags(vertices=2..7, edges=1..9) {
        conv: conv(3, 3, padding=1)
        pool: max_pool(3, 1, 1)
    }
    choose act from [relu, gelu]
    y = x -> walk(g) -> act
    if len(g.ends) > 2 {
        choose width from [4, 8]
        y = y -> conv(width, 1)
    }
    output z = y
}
