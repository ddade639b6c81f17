"""Names of networks go in; how like the shipped texts are to those of torchvision, or to plain PyTorch, comes out."""
