"""What a garment of the drawn fashion house is: its attribute values, colours and cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

Rgb = tuple[int, int, int]
T = TypeVar("T")

CATEGORIES = ("blouses", "dresses", "jackets", "knitwear", "pants", "skirts", "tops")
COLORS = ("beige", "black", "blue", "gray", "green", "pink", "red", "white", "yellow")
LENGTHS = ("3-4", "knee", "long", "normal", "short")
SLEEVE_LENGTHS = ("half", "long", "short", "sleeveless")
FITS = ("loose", "normal", "tight")
PATTERNS = ("floral", "lace", "polkadots", "print", "stripes", "unicolors")
NECKLINES = ("back", "deep", "lined", "round", "v", "wide")
BRANDS = ("Nordlicht", "Atelier Mohn", "Kaskade", "Fräulein Ott", "Lindwerk", "Sieben Säume", "Halm & Faden", "Ostwind")

SHADES: dict[str, tuple[Rgb, ...]] = {
    "beige": ((212, 188, 152), (200, 174, 138), (224, 203, 172)),
    "black": ((27, 27, 31), (36, 34, 38), (22, 23, 28)),
    "blue": ((40, 74, 148), (28, 44, 96), (94, 142, 204), (58, 106, 184)),
    "gray": ((128, 130, 134), (162, 163, 166), (98, 100, 104)),
    "green": ((44, 112, 72), (104, 128, 66), (72, 152, 112), (30, 82, 58)),
    "pink": ((232, 128, 166), (240, 168, 192), (216, 82, 134)),
    "red": ((186, 30, 42), (208, 46, 46), (146, 26, 40)),
    "white": ((240, 240, 239), (244, 242, 236)),
    "yellow": ((236, 196, 60), (244, 214, 88), (222, 172, 42)),
}
"""The shades each color of the catalogue comes in, as RGB 0..255."""

_LENGTHS_WORN = {
    "blouses": ("normal", "normal", "long", "short"),
    "dresses": ("short", "knee", "knee", "long"),
    "jackets": ("normal", "normal", "short", "long"),
    "knitwear": ("normal", "normal", "long", "short"),
    "pants": ("long", "long", "3-4", "short"),
    "skirts": ("short", "knee", "long"),
    "tops": ("normal", "normal", "short", "long"),
}
_SLEEVES_WORN = {
    "blouses": ("long", "long", "half", "short"),
    "dresses": ("sleeveless", "short", "half", "long"),
    "jackets": ("long", "long", "long", "half"),
    "knitwear": ("long", "long", "half", "short"),
    "tops": ("sleeveless", "sleeveless", "short", "short", "half", "long"),
}
_PATTERNS_WORN = {
    "jackets": ("unicolors", "unicolors", "unicolors", "print", "stripes"),
    "knitwear": ("unicolors", "unicolors", "stripes", "print", "polkadots"),
    "pants": ("unicolors", "unicolors", "unicolors", "print", "stripes", "floral", "polkadots"),
}
_PATTERNS_OTHERWISE = ("unicolors", "unicolors", "floral", "lace", "polkadots", "print", "stripes")
_NECKLINES_WORN = {
    "jackets": ("v", "v", "round", "lined"),
    "knitwear": ("round", "round", "v", "wide", "lined"),
}
_LIGHT_SHADES: tuple[Rgb, ...] = ((246, 244, 238), (240, 226, 196), (250, 214, 110), (244, 182, 198), (160, 206, 226))
_DARK_SHADES: tuple[Rgb, ...] = ((26, 34, 70), (30, 30, 34), (150, 30, 46), (28, 84, 70), (96, 56, 110))


@dataclass(frozen=True)
class Garment:
    """One garment: the attribute values of its catalogue entry and the cut and colours it is drawn with.

    Attributes:
        category: One of `CATEGORIES`.
        color: One of `COLORS`.
        length: One of `LENGTHS`, or "" for no value.
        sleeve_length: One of `SLEEVE_LENGTHS`, or "" (pants and skirts have none).
        fit: One of `FITS`.
        pattern: One of `PATTERNS`.
        neckline: One of `NECKLINES`, or "" (pants and skirts have none).
        brand: The house it is sold under, one of `BRANDS`.
        base: RGB 0..255 of the fabric.
        accent: RGB 0..255 of the motifs, stripes or contrasting edge; clearly lighter or darker than `base`.
        second: RGB 0..255 of the motifs' second colour.
        motif_seed: Seed of everything the fabric's pattern and the folds leave to chance.
        motif_scale: Size of the motifs, 1 = usual.
        closure: "none", "buttons" or "zip".
        collar: Whether blouses have a shirt collar and jackets lapels.
        silhouette: "straight", "flared" or "pleated": how a skirt or a dress falls.
    """

    category: str
    color: str
    length: str
    sleeve_length: str
    fit: str
    pattern: str
    neckline: str
    brand: str
    base: Rgb
    accent: Rgb
    second: Rgb
    motif_seed: int
    motif_scale: float
    closure: str
    collar: bool
    silhouette: str


def label_of(category: str) -> str:
    """Return the part of the body a category covers: "upper", "lower" or "full"."""
    if category == "dresses":
        return "full"
    return "lower" if category in ("pants", "skirts") else "upper"


def brightness(colour: Rgb) -> float:
    """Return the luma of an RGB colour, 0 (black) to 255 (white)."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue


def draw_garment_attributes(rng: np.random.Generator) -> Garment:
    """Draw one garment with a combination of values a shop would carry.

    Args:
        rng: Source of every choice.

    Returns:
        The garment. Pants and skirts have no sleeve length and no neckline.
    """
    category = pick(rng, CATEGORIES)
    color = pick(rng, COLORS)
    has_top = label_of(category) != "lower"
    base = _shifted(pick(rng, SHADES[color]), rng, 5)
    accent, second = _contrasting(base, rng)
    closure, collar = _closure_and_collar(category, rng)
    return Garment(
        category=category,
        color=color,
        length=pick(rng, _LENGTHS_WORN[category]),
        sleeve_length=pick(rng, _SLEEVES_WORN[category]) if has_top else "",
        fit=pick(rng, FITS),
        pattern=pick(rng, _PATTERNS_WORN.get(category, _PATTERNS_OTHERWISE)),
        neckline=pick(rng, _NECKLINES_WORN.get(category, NECKLINES)) if has_top else "",
        brand=pick(rng, BRANDS),
        base=base,
        accent=accent,
        second=second,
        motif_seed=int(rng.integers(2**31)),
        motif_scale=float(rng.uniform(0.75, 1.3)),
        closure=closure,
        collar=collar,
        silhouette=pick(rng, ("straight", "flared", "pleated")),
    )


def _closure_and_collar(category: str, rng: np.random.Generator) -> tuple[str, bool]:
    if category == "jackets":
        return pick(rng, ("buttons", "zip")), bool(rng.random() < 0.75)
    if category == "blouses":
        return pick(rng, ("buttons", "buttons", "none")), bool(rng.random() < 0.5)
    if category in ("knitwear", "skirts", "dresses"):
        return pick(rng, ("none", "none", "none", "buttons")), False
    return "none", False


def _contrasting(base: Rgb, rng: np.random.Generator) -> tuple[Rgb, Rgb]:
    """Return two motif colours that stand out on the base."""
    light, dark = pick(rng, _LIGHT_SHADES), pick(rng, _DARK_SHADES)
    value = brightness(base)
    if value > 170:
        return dark, pick(rng, _DARK_SHADES)
    if value < 70:
        return light, pick(rng, _LIGHT_SHADES)
    return (light, dark) if rng.random() < 0.75 else (dark, light)


def _shifted(colour: Rgb, rng: np.random.Generator, reach: int) -> Rgb:
    red, green, blue = (int(np.clip(c + rng.integers(-reach, reach + 1), 0, 255)) for c in colour)
    return red, green, blue


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Return one of the options, each as likely as the others."""
    return options[int(rng.integers(len(options)))]
