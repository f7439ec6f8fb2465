"""`python -m fashiontools` is `fashiontools`."""

from fashiontools.cli import main

if __name__ == "__main__":
    main()
