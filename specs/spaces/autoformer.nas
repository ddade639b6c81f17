# AutoFormer (Chen et al., ICCV 2021, arXiv 2107.00651): vision transformers whose embedding, depth, heads and MLPs are
# chosen, in the three spaces of the paper's table, without dropout and drop path. Names follow the authors' code.

## What is learned of each two places, [T, T, width]: a vector for the rows between them and one for the columns, at most
## 14; the class token is in row and column 0 of the tables.
block Offsets(between: [G, _], width: int) {
    rows, columns = embedding(30, width) as embeddings_table_v, embedding(30, width) as embeddings_table_h
    token = (constant([[0]]) -> rows) + (constant([[0]]) -> columns)
    down, along = between -> rows -> reshape(G, 1, G, 1, width), between -> columns -> reshape(1, G, 1, G, width)
    patches = (down + along) -> reshape(G ** 2, G ** 2, width)
    patches = concat(expand(token, G ** 2, 1, width), patches)
    return concat(expand(token, 1, G ** 2 + 1, width), patches, dim=0)
}

## The rows of each place, times a matrix of that place.
block PerPlace(x: [N, H, T, E], y: [T, E, F]) {
    return x -> permute(2, 0, 1, 3) -> reshape(T, N * H, E) -> matmul(y) -> reshape(T, N, H, F) -> permute(1, 2, 0, 3)
}

## Heads keep their width, whatever their number and the embedding's; keys and values depend on the offset too.
block Attention(x: [N, T, D], between, heads: int, width: int) {
    qkv = x -> linear(3 * heads * width) as qkv -> reshape(N, T, 3, heads, width) -> permute(2, 0, 3, 1, 4)
    q, k, v = [qkv[i] for i in range(3)]
    scores = matmul(q, k -> transpose(2, 3))
             + PerPlace(q, between -> Offsets(width) as rel_pos_embed_k -> transpose(1, 2))
    seen = (scores * width ** -0.5) -> softmax(-1)
    y = matmul(seen, v) + PerPlace(seen, between -> Offsets(width) as rel_pos_embed_v)
    return y -> transpose(1, 2) -> reshape(N, T, heads * width) -> linear(D) as proj
}

block Layer(x: [N, T, D], between, heads: [int], ratios: [float], width: int) {
    choose num_heads from heads
    x = x + (x -> layer_norm as attn_layer_norm -> Attention(between, num_heads, width) as attn)
    choose mlp_ratio from ratios
    return x + (x -> layer_norm as ffn_layer_norm -> linear(int(D * mlp_ratio)) as fc1 -> gelu -> linear(D) as fc2)
}

## Patches and a class token, which goes along but is not read: the mean of the patches is.
block Transformer(
    image: [N, C, H, W], dims: [int], depths: [int], heads: [int], ratios: [float], width: int, patch: int,
    classes: int,
) {
    choose embed_dim from dims
    choose depth from depths
    D, grid = embed_dim * width // 64, H // patch
    x = image -> conv(D, patch, stride=patch) as patch_embed_super.proj -> flatten(2) -> transpose(1, 2)
    x = concat(expand(parameter(1, 1, D) as cls_token, N, 1, D), x) + (parameter(1, grid ** 2 + 1, D) as pos_embed)
    between = constant([[max(1, min(29, key - query + 15)) for key in range(grid)] for query in range(grid)])
    for i in range(depth) {
        x = x -> Layer(between, heads, ratios, width) as blocks.{i}
    }
    return (x -> layer_norm as norm)[:, 1:] -> mean(1) -> linear(classes) as head
}

space Base(width: int = 64, size: int = 224, patch: int = 16, classes: int = 1000) {
    input image: f32[N, 3, size, size]
    output logits = image -> Transformer(
        [528, 576, 624], [14, 15, 16], [8, 9, 10], [3, 3.5, 4], width, patch, classes
    ) as self
}

space Small(width: int = 64, size: int = 224, patch: int = 16, classes: int = 1000) {
    input image: f32[N, 3, size, size]
    output logits = image -> Transformer(
        [320, 384, 448], [12, 13, 14], [5, 6, 7], [3, 3.5, 4], width, patch, classes
    ) as self
}

## `width` is that of a head; the embedding grows with it, being the chosen one where it is 64.
space Tiny(width: int = 64, size: int = 224, patch: int = 16, classes: int = 1000) {
    input image: f32[N, 3, size, size]
    output logits = image -> Transformer(
        [192, 216, 240], [12, 13, 14], [3, 4], [3.5, 4], width, patch, classes
    ) as self
}
