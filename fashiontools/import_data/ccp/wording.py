"""The sentence: what is worn, outer layers over inner ones, then down to the shoes, then what is carried."""

from collections.abc import Mapping

from fashiontools.import_data.ccp.garments import GARMENTS, Garment, Place
from fashiontools.import_data.ccp.looks import Look

_BELOW_A_SUIT = ("pants", "jeans", "shorts", "skirt", "leggings")
_VOWELS = "aeiou"
_SAYS_NOTHING = "accessories"


def describe(looks: Mapping[str, Look]) -> str:
    """Write the sentence.

    Args:
        looks: What is worn, label to look, in any order; looks without colours are named alone.

    Returns:
        For example "a navy blazer over a white shirt, gray jeans and black boots"; empty where nothing is worn.
        "accessories", which is no thing, is left out. A suit with a bottom of its own is a suit jacket.
    """
    worn = sorted((label for label in looks if label != _SAYS_NOTHING), key=_rank)
    phrases = [_phrase(_noun(label, looks), GARMENTS[label], looks[label]) for label in worn]
    layers = sum(GARMENTS[label].place is Place.LAYER for label in worn)
    parts = ([_layered(phrases[:layers])] if layers else []) + phrases[layers:]
    # "a coat over a sweater and a shirt, and jeans": the comma says which "and" ends the list.
    return _joined(parts, comma="," if layers > 2 and len(parts) == 2 else "")


def _rank(label: str) -> tuple[int, int, int]:
    garment = GARMENTS[label]
    return garment.place, -garment.height, list(GARMENTS).index(label)


def _noun(label: str, looks: Mapping[str, Look]) -> str:
    if label == "suit" and any(bottom in looks for bottom in _BELOW_A_SUIT):
        return "suit jacket"
    return GARMENTS[label].noun


def _phrase(noun: str, garment: Garment, look: Look) -> str:
    words = [*([" and ".join(look.colours)] if look.colours else []), *(["patterned"] if look.patterned else []), noun]
    phrase = " ".join(words)
    if not garment.article:
        return phrase
    return f"{'an' if phrase[0] in _VOWELS else 'a'} {phrase}"


def _layered(phrases: list[str]) -> str:
    outer, *inner = phrases
    return f"{outer} over {_joined(inner)}" if inner else outer


def _joined(parts: list[str], comma: str = "") -> str:
    """The parts as a list, with "and" before the last."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])}{comma} and {parts[-1]}"
