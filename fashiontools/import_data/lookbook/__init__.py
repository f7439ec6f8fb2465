"""The lookbook: a drawn fashion house whose products and photos follow from a seed."""
