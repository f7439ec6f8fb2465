"""An English sentence from the columns, for models that are told what to draw."""

from collections.abc import Mapping

_NOUNS = {
    "blouses": "blouse",
    "dresses": "dress",
    "jackets": "jacket",
    "jumpsuits": "jumpsuit",
    "skirts": "skirt",
    "tops": "top",
}
_NO_SINGULAR = {"knitwear": "piece of", "pants": "pair of"}
_FITS = {"normal": "regular-fit"}
_LENGTHS = {"3-4": "three-quarter-length", "knee": "knee-length", "normal": ""}
_PATTERNS = {"polkadots": "polka-dot", "print": "printed", "stripes": "striped", "unicolors": "plain"}
_SLEEVES = {"half": "half sleeves", "long": "long sleeves", "short": "short sleeves", "sleeveless": "no sleeves"}
_NECKLINES = {
    "back": "an open back",
    "deep": "a deep neckline",
    "lined": "a lined neckline",
    "round": "a round neckline",
    "v": "a v neckline",
    "wide": "a wide neckline",
}


def describe(values: Mapping[str, str]) -> str:
    """Write the sentence.

    Args:
        values: Of the columns that `label` writes; empty ones are left out, values of a user's own stand as they are.

    Returns:
        For example "A loose knee-length red floral party dress with short sleeves and a v neckline."; empty where
        nothing is known.
    """
    if not any(values.values()):
        return ""
    fit, length, color, pattern = (values.get(column, "") for column in ("fit", "length", "color", "pattern"))
    category, occasion = values.get("category", ""), values.get("occasion", "")
    words = [_FITS.get(fit, fit), _LENGTHS.get(length, length), color, _PATTERNS.get(pattern, pattern), occasion]
    if category in _NO_SINGULAR:
        words = [_NO_SINGULAR[category], *words, category]
    else:
        words.append(_NOUNS.get(category, category) or "garment")
    phrase = " ".join(filter(None, words))
    sleeves, neckline = values.get("sleeve_length", ""), values.get("neckline", "")
    details = [
        _SLEEVES.get(sleeves, f"{sleeves} sleeves") if sleeves else "",
        _NECKLINES.get(neckline, f"{_article(neckline)} {neckline} neckline") if neckline else "",
    ]
    ending = " and ".join(filter(None, details))
    return f"{_article(phrase).capitalize()} {phrase}{' with ' + ending if ending else ''}."


def _article(phrase: str) -> str:
    return "an" if phrase[0] in "aeio" else "a"  # "a unique one": of u the ear decides, and most are like "you"
