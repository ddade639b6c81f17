# A space.
block Op(x,c:int) {
choose op {
none: zeros_like(x)
# of the skip
skip_connect:x
nor_conv_3x3 : x->ReLUConvBN(c,3)  # three by three

a_label_that_is_longer_than_most: x -> avg_pool(3, stride=1, padding=1, count_include_pad=false) -> ReLUConvBN(c, 1)
1: x -> ReLUConvBN(c, 1, stride=1, padding=0, bias=false) -> ReLUConvBN(c, 1, stride=1, padding=0, bias=false)
}
choose one { only: x }
choose none_at_all { }
return op}
motif Cell(x){
choose 1..2   inputs from range(len(nodes))
choose 1 .. 1 other from [1]
choose 2K more from range(( 3K ))
choose k,d from[(3,1),(3,2)]
choose g from dags(vertices=2..7,edges=1..9){conv3x3:conv(3)
maxpool : max_pool(3,1,1)}
where(k>3)or d==1
return x}
motif Same(x) { return x }
motif Again(x) { return x }
space s( ) {
choose r from range(128,225,4)
input image:f32[N,3,r,r]
output y=image->Cell
where params<=100K}
