"""`cluster-pairs`: one worn photo for each product, found by clustering."""
