"""Import: catalogues of others enter as `Practice` records that this node signs that it lists."""
