"""From a space and data to the network that is best on them: `pipeline`, `rank`, `scale`, `address`, one task each.

Nothing is loaded here: reading an address must not load torch.
"""
