"""The columns that `label` reads and writes, with the values of seed 003."""

from typing import NamedTuple

READ = ("name", "attributes", "category", "color")
"""The columns with a shop's words."""

VALUES: dict[str, tuple[str, ...]] = {
    "category": ("blouses", "dresses", "jackets", "jumpsuits", "knitwear", "pants", "skirts", "tops"),
    "color": ("beige", "black", "blue", "gray", "green", "pink", "red", "white", "yellow"),
    "length": ("3-4", "knee", "long", "normal", "short"),
    "sleeve_length": ("half", "long", "short", "sleeveless"),
    "fit": ("loose", "normal", "tight"),
    "pattern": ("floral", "lace", "polkadots", "print", "stripes", "unicolors"),
    "neckline": ("back", "deep", "lined", "round", "v", "wide"),
    "occasion": ("casual", "party"),
}
"""Seed 003, 3.1.3, with the notebooks' `jumpsuits`, `lined` and `occasion`; a user's words may add values."""


class Texts(NamedTuple):
    """What a shop says of a product; what it does not say is empty."""

    name: str
    attributes: str
    category: str
    color: str


class Unmatched(NamedTuple):
    """A text that gave no value.

    Attributes:
        column: The column that it would have been for; empty where nothing tells.
        key: The tag's key, or the column of the input; empty for a tag without a key.
        text: The tag's text or the word, in lower case.
        example: The whole tag or name.
    """

    column: str
    key: str
    text: str
    example: str


class Labels(NamedTuple):
    """What was read from a product's texts.

    Attributes:
        values: Of each column of `VALUES`; empty for no value.
        unmatched: What was not understood.
    """

    values: dict[str, str]
    unmatched: tuple[Unmatched, ...]
