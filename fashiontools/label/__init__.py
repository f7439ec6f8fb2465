"""The room of `label`: from what shops say of a product to the columns and values of seed 003."""
