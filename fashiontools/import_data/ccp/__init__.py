"""The Clothing Co-Parsing set (CCP): street photos with labels per pixel or per photo."""
