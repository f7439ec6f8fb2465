"""One folder per recipe: light options, and the recipe itself."""
