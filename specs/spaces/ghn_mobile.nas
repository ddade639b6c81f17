# Graph hypernetworks (Zhang, Ren and Urtasun, ICLR 2019, arXiv 1810.05749) for ImageNet in the mobile setting: the block
# of `ghn_cifar`, 14 times over. The paper does not say how wide; here most candidates have less than 600M MACs.
use std.conv (Auxiliary)
use "ghn_cifar.nas" (Cell)

## A stem that halves the size, then blocks; blocks 1, 2, 6 and 10 halve it again, and all of these but the first double
## the width. With `auxiliary` there is a second output at two thirds of the depth.
space GHNMobile(
    width: int = 12, blocks: int = 14, size: int = 224, classes: int = 1000, nodes: int = 17,
    auxiliary: bool = false,
) {
    input image: f32[N, 3, size, size]
    last = image -> (conv(width, 3, stride=2, padding=1, bias=false) -> batch_norm) as stem
    before, halvings = last, 0
    for i in range(1, blocks + 1) {
        halvings = halvings + 1 if i in [1, 2, 6, 10] else halvings
        channels, extent = width * 2 ** (halvings - 1), size // 2 ** (halvings + 1)
        next = Cell(last, before, channels, extent, nodes) as blocks.{i}
        before, last = last, next
        if auxiliary and i - 1 == 2 * blocks // 3 {
            output aux = last -> Auxiliary(classes) as auxiliary
        }
    }
    output logits = last -> adaptive_avg_pool(1) -> flatten -> linear(classes) as classifier
}
