space net() {
    input x: f32[N, 3, 8, 8]
    choose g from dags(vertices=2..7, edges=1..9) {
        conv: conv(3, 3, padding=1)
        pool: max_pool(3, 1, 1)
    }
    values = [x]
    for v in g.inner {
        values = values + [add([values[u] for u in g.inputs[v]]) -> g.ops[v] as {v}]
    }
    output y = add([values[v] for v in g.ends])
}
