"""FashionGen: product photos with descriptions, in HDF5."""
