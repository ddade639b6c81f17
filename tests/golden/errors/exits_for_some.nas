space s() {
    input image: f32[N, 3, 8, 8]
    choose early from [true, false]
    choose op {
        kept: image -> mean([2, 3])
        none: zeros(1, 3)
    }
    choose 1..2 turns from range(3)
    for i in turns {
        exit early{i} = op
    }
    if early {
        output logits = image -> flatten -> linear(10) as head
    } else {
        output features = image
        exit pooled = image -> mean([2, 3])
    }
}
