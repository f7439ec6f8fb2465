"""What the drawn house writes about a garment: German names and tags, English sentences."""

import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment, pick

_NOUNS = {
    "blouses": "Bluse",
    "dresses": "Kleid",
    "jackets": "Jacke",
    "knitwear": "Strickpullover",
    "pants": "Stoffhose",
    "skirts": "Rock",
    "tops": "Top",
}
_NOUNS_BY_CUT = {
    ("dresses", "short"): "Sommerkleid",
    ("dresses", "knee"): "Etuikleid",
    ("dresses", "long"): "Maxikleid",
    ("jackets", "short"): "Kurzjacke",
    ("jackets", "normal"): "Blazer",
    ("jackets", "long"): "Kurzmantel",
    ("pants", "short"): "Shorts",
    ("pants", "3-4"): "Caprihose",
    ("skirts", "short"): "Minirock",
    ("skirts", "long"): "Maxirock",
}
_PATTERN_PHRASES = {
    "floral": "mit Blumenmuster",
    "lace": "aus Spitze",
    "polkadots": "mit Punkten",
    "print": "mit Print",
    "stripes": "mit Streifen",
    "unicolors": "",
}
_COLORS = {
    "beige": ("beige", "sand"),
    "black": ("schwarz",),
    "blue": ("blau",),
    "gray": ("grau",),
    "green": ("grün",),
    "pink": ("pink", "rosa"),
    "red": ("rot",),
    "white": ("weiß", "offwhite"),
    "yellow": ("gelb",),
}
_SLEEVE_WORDS = {
    "half": ("Dreiviertelarm", "halblang", "Viertelarm"),
    "long": ("lang", "Langarm"),
    "short": ("kurz", "kurzer Arm"),
    "sleeveless": ("ärmellos", "Spaghettiträger"),
}
_LENGTH_WORDS = {
    "3-4": ("7/8-Länge", "3/4-Länge", "wadenlang"),
    "knee": ("knielang",),
    "long": ("lang", "extra lang"),
    "normal": ("normal", "mittellang"),
    "short": ("kurz", "oberschenkellang"),
}
_NECKLINE_WORDS = {
    "back": ("Rückenausschnitt", "tiefer Rückenausschnitt"),
    "deep": ("tiefer Ausschnitt", "tief dekolletiert"),
    "lined": ("eingefasst", "eingefasster Ausschnitt"),
    "round": ("Rundhals", "runder Ausschnitt"),
    "v": ("V-Ausschnitt", "tiefer V-Ausschnitt"),
    "wide": ("U-Boot-Ausschnitt", "weiter Ausschnitt", "Carmen-Ausschnitt"),
}
_PATTERN_WORDS = {
    "floral": ("geblümt", "floral"),
    "lace": ("Spitze", "Blütenspitze"),
    "polkadots": ("gepunktet", "Punkte"),
    "print": ("All-over-Print", "bedruckt mit Print", "kariert", "Paisley"),
    "stripes": ("gestreift", "Streifen"),
    "unicolors": ("unifarben",),
}
_FIT_WORDS = {
    "loose": ("locker", "weit", "oversized", "Loose Fit"),
    "normal": ("normal", "Regular Fit", "gerade"),
    "tight": ("eng anliegend", "körperbetont", "figurbetont", "Slim Fit", "tailliert"),
}
_MATERIALS = (
    "98% Baumwolle, 2% Elasthan",
    "100% Baumwolle",
    "100% Polyester",
    "70% Viskose, 25% Polyamid, 5% Elasthan",
    "55% Leinen, 45% Viskose",
    "80% Wolle, 20% Polyamid",
)
_SIDE_TAGS = (
    ("Pflegehinweise", ("Maschinenwäsche bei 30°C", "Handwäsche", "nicht Trockner geeignet", "chemische Reinigung")),
    ("Verschluss", ("Reißverschluss", "verdeckter Knopf", "ohne")),
    ("Kragen", ("ohne", "Stehkragen", "Hemdkragen")),
    ("Taschen", ("Seitentaschen", "keine")),
    ("Details", ("Ziernähte", "elastischer Bund", "Gürtelschlaufen")),
    ("Futter", ("ungefüttert", "100% Polyester")),
    ("Artikelnummer", ("NL421D0-A11", "KS121E-K07", "LW922C-Q04")),
)
_ENGLISH_NOUNS = {
    "blouses": "blouse",
    "dresses": "dress",
    "jackets": "jacket",
    "knitwear": "knitted sweater",
    "pants": "pair of pants",
    "skirts": "skirt",
    "tops": "top",
}
_ENGLISH_PATTERNS = {
    "floral": "floral",
    "lace": "lace",
    "polkadots": "polka-dot",
    "print": "printed",
    "stripes": "striped",
    "unicolors": "",
}
_ENGLISH_LENGTHS = {"3-4": "three-quarter-length", "knee": "knee-length", "long": "long", "short": "short"}
_ENGLISH_SLEEVES = {
    "half": "half sleeves",
    "long": "long sleeves",
    "short": "short sleeves",
    "sleeveless": "no sleeves",
}
_ENGLISH_NECKLINES = {
    "back": "an open back",
    "deep": "a deep neckline",
    "lined": "a contrast-lined neckline",
    "round": "a round neckline",
    "v": "a v neckline",
    "wide": "a wide boat neckline",
}


def german_name(garment: Garment) -> str:
    """Return the product name as a German shop words it.

    Args:
        garment: The garment named; the same garment always gets the same name.

    Returns:
        For example "Sommerkleid mit Blumenmuster - rot".
    """
    if garment.category == "knitwear" and garment.closure == "buttons":
        noun = "Strickjacke"
    else:
        noun = _NOUNS_BY_CUT.get((garment.category, garment.length), _NOUNS[garment.category])
    words = _COLORS[garment.color]
    phrase = " ".join(part for part in (noun, _PATTERN_PHRASES[garment.pattern]) if part)
    return f"{phrase} - {words[garment.motif_seed % len(words)]}"


def german_attributes(garment: Garment, rng: np.random.Generator) -> str:
    """Return the product's tags in the way German shops list them.

    Args:
        garment: The garment described; an attribute without a value gets no tag.
        rng: Chooses among synonyms, the order and the tags that say nothing of interest.

    Returns:
        Tags "key:\\xa0text" joined by ", "; a text may hold commas of its own.
    """
    tags = [
        _tag("Ausschnitt", _NECKLINE_WORDS, garment.neckline, rng),
        _tag("Ärmellänge", _SLEEVE_WORDS, garment.sleeve_length, rng),
        _tag("Länge", _LENGTH_WORDS, garment.length, rng),
        _tag("Muster", _PATTERN_WORDS, garment.pattern, rng),
        _tag("Passform", _FIT_WORDS, garment.fit, rng),
        f"Material Oberstoff:\xa0{pick(rng, _MATERIALS)}",
    ]
    for index in rng.choice(len(_SIDE_TAGS), size=int(rng.integers(1, 3)), replace=False):
        key, texts = _SIDE_TAGS[index]
        tags.append(f"{key}:\xa0{pick(rng, texts)}")
    filled = [tag for tag in tags if tag]
    return ", ".join(filled[i] for i in rng.permutation(len(filled)))


def english_description(garment: Garment) -> str:
    """Return one English sentence that names every attribute value of the garment.

    Args:
        garment: The garment described; values it lacks are left out.

    Returns:
        For example "A loose knee-length red floral dress with short sleeves and a v neckline."
    """
    fit = "regular-fit" if garment.fit == "normal" else garment.fit
    length = _ENGLISH_LENGTHS.get(garment.length, "")
    words = (fit, length, garment.color, _ENGLISH_PATTERNS[garment.pattern], _ENGLISH_NOUNS[garment.category])
    details = [
        text
        for text in (_ENGLISH_SLEEVES.get(garment.sleeve_length), _ENGLISH_NECKLINES.get(garment.neckline))
        if text is not None
    ]
    ending = f" with {' and '.join(details)}" if details else ""
    return f"A {' '.join(word for word in words if word)}{ending}."


def _tag(key: str, words: dict[str, tuple[str, ...]], value: str, rng: np.random.Generator) -> str:
    return f"{key}:\xa0{pick(rng, words[value])}" if value else ""
