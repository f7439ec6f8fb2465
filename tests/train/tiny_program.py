"""The real command line with the tiny recipe in its table: `python tiny_program.py train tiny ...`."""

from tiny_recipe import TINY

from fashiontools.__main__ import main
from fashiontools.train.table import RECIPES

RECIPES["tiny"] = TINY

if __name__ == "__main__":
    main()
