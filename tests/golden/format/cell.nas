# A candidate: its choices are made, its motif is a block.
block Op(x: [N, C, H, W]) {
    choose op {
        none: zeros_like(x)
        skip: x
        conv: x -> (conv(C, 3, padding=1, bias=false) -> batch_norm -> relu) as body
        pool: x -> avg_pool(3, 1, 1)
    }
    return op
}

motif Cell(x) {
    a = x -> Op as e1
    b = add(x -> Op as e2, a -> Op as e3)
    return add(x -> Op as e4, a -> Op as e5, b -> Op as e6)
}

space cell(width: int = 8, cells: int = 3) {
    input image: f32[N, 3, 32, 32]
    x = image -> conv(width, 3, padding=1) as stem
    for s in range(3) {
        x = x -> (conv(2 ** s * width, 3, stride=2, padding=1) -> batch_norm) as down{s} if s > 0 else x
        for i in range(cells) { x = x -> Cell as stage{s}.{i} }
    }
    output logits = x -> mean([2, 3]) -> linear(10) as head
}
