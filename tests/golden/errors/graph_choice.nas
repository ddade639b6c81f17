space net(n: int = 1) {
    input x: f32[N, 3, 8, 8]
    choose a from dags(vertices=n) { relu: relu }
    choose b from dags(vertices=3, edges=4..9) { relu: relu }
    choose c from dags(vertices=2..5) {}
    choose d from dags(vertices=3, ends="leafs") { relu: relu }
    choose e from [1, 2] { relu: relu }
    choose f from dags(vertices=3)
    choose g from dags(vertices=3) { relu: x }
    output y = x -> a.ops[1] -> b.ops[1] -> c.ops[1] -> d.ops[1] -> e -> f.ops[1] -> g.ops[1]
}
