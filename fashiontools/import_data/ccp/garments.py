"""The 59 labels of the set: what each is called in a sentence, where it is worn, and whether it is clothing."""

from dataclasses import dataclass
from enum import IntEnum


class Place(IntEnum):
    """Where something is worn, in the order of the sentence."""

    LAYER = 0
    BOTTOM = 1
    LEGS = 2
    SHOES = 3
    ACCESSORY = 4


@dataclass(frozen=True)
class Garment:
    """One label.

    Attributes:
        noun: What it is called.
        place: Where it is worn.
        height: Of layers, how far out it is worn: a higher one is over a lower one.
        article: Whether the noun takes a or an; plurals and materials do not.
        clothing: Whether it counts for the garment mask; what is carried, jewellery and glasses do not.
        measured: The colour is named. Jewellery is too small for it, and through glasses one sees the face.
        patterns: Patterns are looked for. Gaps, soles and gloss of shoes and bags look like some.
        sheer: Skin may shine through.
        denim: Its black has no blue in it.
    """

    noun: str
    place: Place
    height: int = 0
    article: bool = True
    clothing: bool = True
    measured: bool = True
    patterns: bool = True
    sheer: bool = False
    denim: bool = False


def _layer(noun: str, height: int, *, article: bool = True) -> Garment:
    return Garment(noun, Place.LAYER, height, article)


def _bottom(noun: str, *, article: bool = False) -> Garment:
    return Garment(noun, Place.BOTTOM, article=article)


def _legs(noun: str) -> Garment:
    return Garment(noun, Place.LEGS, article=False, sheer=True)


def _shoes(noun: str) -> Garment:
    return Garment(noun, Place.SHOES, article=False, patterns=False)


def _worn(noun: str, *, article: bool = True, patterns: bool = False) -> Garment:
    return Garment(noun, Place.ACCESSORY, article=article, patterns=patterns)


def _carried(noun: str) -> Garment:
    return Garment(noun, Place.ACCESSORY, clothing=False, patterns=False)


def _small(noun: str, *, article: bool = True, measured: bool = False) -> Garment:
    return Garment(noun, Place.ACCESSORY, article=article, clothing=False, measured=measured, patterns=False)


GARMENTS: dict[str, Garment] = {
    "cape": _layer("cape", 9),
    "coat": _layer("coat", 8),
    "jacket": _layer("jacket", 7),
    "blazer": _layer("blazer", 6),
    "suit": _layer("suit", 6),
    "hoodie": _layer("hoodie", 5),
    "cardigan": _layer("cardigan", 5),
    "vest": _layer("vest", 4),
    "jumper": _layer("jumper", 3),
    "sweater": _layer("sweater", 3),
    "sweatshirt": _layer("sweatshirt", 3),
    "dress": _layer("dress", 2),
    "romper": _layer("romper", 2),
    "blouse": _layer("blouse", 1),
    "shirt": _layer("shirt", 1),
    "t-shirt": _layer("t-shirt", 1),
    "top": _layer("top", 1),
    "bodysuit": _layer("bodysuit", 1),
    "swimwear": _layer("swimwear", 1, article=False),
    "intimate": _layer("lingerie", 0, article=False),
    "bra": _layer("bra", 0),
    "jeans": Garment("jeans", Place.BOTTOM, article=False, denim=True),
    "leggings": _bottom("leggings"),
    "pants": _bottom("pants"),
    "shorts": _bottom("shorts"),
    "skirt": _bottom("skirt", article=True),
    "panties": _bottom("panties"),
    "stockings": _legs("stockings"),
    "tights": _legs("tights"),
    "socks": _legs("socks"),
    "boots": _shoes("boots"),
    "clogs": _shoes("clogs"),
    "flats": _shoes("flats"),
    "heels": _shoes("heels"),
    "loafers": _shoes("loafers"),
    "pumps": _shoes("pumps"),
    "sandals": _shoes("sandals"),
    "shoes": _shoes("shoes"),
    "sneakers": _shoes("sneakers"),
    "wedges": _shoes("wedges"),
    "hat": _worn("hat"),
    "scarf": _worn("scarf", patterns=True),
    "tie": _worn("tie", patterns=True),
    "belt": _worn("belt"),
    "gloves": _worn("gloves", article=False),
    "bag": _carried("bag"),
    "purse": _carried("purse"),
    "wallet": _carried("wallet"),
    "sunglasses": _small("sunglasses", article=False),
    "glasses": _small("glasses", article=False),
    "watch": _small("watch"),
    "bracelet": _small("bracelet"),
    "necklace": _small("necklace"),
    "earrings": _small("earrings", article=False),
    "ring": _small("ring"),
    "accessories": _small("accessories", article=False),
}
NO_GARMENT = ("null", "hair", "skin")
