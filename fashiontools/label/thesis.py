"""The thesis's ordered rules, to the letter: quirks and all. Sonynka's notebooks, German to English, 2018.

Tags are what is between commas, in lower case. For a column the product's first tag that the selector finds is taken;
of the text after its last colon the first value, in the order given, any of whose words occurs in it. One clause needs
a whole corpus and has no place in a stream: tags of less than 0.005 % of the products were left out. In a corpus of up
to 20,000 products that is none.
"""

import re
from dataclasses import dataclass

from fashiontools.label.columns import VALUES, Labels, Texts, Unmatched

Ordered = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Rule:
    """How a column is read from tags.

    Attributes:
        column: The column.
        selector: Finds the tag, anywhere in it.
        unless: A tag with one of these is not taken.
        values: The values in order, each with its words.
    """

    column: str
    selector: str
    unless: str
    values: Ordered


_MEASURED = r"cm|größe"
RULES = (
    Rule(
        "sleeve_length",
        r"ärmel",
        _MEASURED,
        (
            ("half", ("dreiviertel", "halb")),
            ("short", ("kurz", "viertel")),
            ("long", ("lang",)),
            ("sleeveless", ("spaghetti", "ärmellos")),
        ),
    ),
    Rule(
        "length",
        r"^länge",
        _MEASURED,
        (
            ("normal", ("normal", "mittel")),
            ("knee", ("knielang",)),
            ("short", ("kurz", "oberschenkel")),
            ("3-4", ("7/8", "3/4", "waden", "knöchel")),
            ("long", ("lang",)),
        ),
    ),
    Rule(
        "neckline",
        r"ausschnitt",
        "",
        (
            ("v", ("v-ausschnitt",)),
            ("round", ("rund",)),
            ("lined", ("eingefasst",)),
            ("back", ("rücken",)),
            ("wide", ("weit", "carmen", "u-boot")),
            ("deep", ("tief",)),
        ),
    ),
    Rule(
        "pattern",
        r"floral|streif|punkt|muster|spitze|unifarben$",
        "",
        (
            ("lace", ("spitze",)),
            ("floral", ("blüm", "floral")),
            ("polkadots", ("punkt",)),
            ("stripes", ("streif",)),
            ("print", ("all-over", "meliert", "print", "camouflage", "kariert", "paisley")),
            ("unicolors", ("unifarben",)),
        ),
    ),
    Rule(
        "fit",
        r"passform| schnitt",
        "",
        (
            ("normal", ("gerade", "normal", "straight", "regular")),
            ("loose", ("locker", "weit", "loose", "oversized", "wide")),
            (
                "tight",
                (
                    "tailliert", "tailiert", "skinny", "ausgestellt", "körper", "figur", "eng", "slim", "schmal",
                    "jegging",
                ),
            ),
        ),
    ),
)  # fmt: skip

CATEGORY: Ordered = (
    ("tops", ("shirts", "tops")),
    ("pants", ("hosen", "jeans")),
    ("knitwear", ("strick",)),
    ("jackets", ("jacken",)),
    ("dresses", ("kleider",)),
    ("skirts", ("roecke",)),
    ("blouses", ("blusen",)),
    ("jumpsuits", ("jumpsuits",)),
)
"""Of a shop's slug."""

OCCASION: Ordered = (("party", ("Cocktail", "Ball", "Fest", "Party")), ("casual", ("Freizeit",)))
"""Of the name, in whose letters capitals count."""

SEARCHED = {
    "black": ("schwarz", "38932", "grau-schwarz"),
    "white": ("weiss", "38935"),
    "red": ("rot", "38931"),
    "blue": ("blau", "38920", "blau-turkis"),
    "green": ("gruen.oliv", "38926", "grun"),
    "yellow": ("gelb", "38923"),
    "pink": ("lila.pink", "38930", "rose"),
    "gray": ("grau", "38925"),
    "beige": ("beige", "38919", "braun"),
}
"""A colour was what the shop was searched for, never read: the words of the searches of three shops."""

_COLOR_OF = {word: color for color, words in SEARCHED.items() for word in words}


class ThesisRules:
    """Reads products by the thesis's rules.

    `category` and `color` that are values already stay: the thesis's scraper named colours in English at once.

    Attributes:
        values: The values of each column, in the order in which they are told.
        digest: Stands for the rules in `run.json`.
    """

    values = VALUES
    digest = "thesis"

    def read(self, texts: Texts) -> Labels:
        """Read the texts of a product."""
        tags = [tag.strip() for tag in texts.attributes.lower().split(",")]
        values = dict.fromkeys(VALUES, "")
        values["category"] = _kept("category", texts.category) or _first(CATEGORY, texts.category)
        values["color"] = _kept("color", texts.color) or _COLOR_OF.get(texts.color, "")
        values["occasion"] = _first(OCCASION, texts.name)
        unmatched = [
            Unmatched(column, column, text.lower(), text)
            for column, text in (("category", texts.category), ("color", texts.color))
            if text and not values[column]
        ]
        for rule in RULES:
            tag = next((tag for tag in tags if _selects(rule, tag)), None)
            if tag is None:
                continue
            key, _, text = tag.rpartition(":")
            values[rule.column] = _first(rule.values, text)
            if not values[rule.column]:
                unmatched.append(Unmatched(rule.column, key.strip(), text.strip(), tag))
        return Labels(values, tuple(unmatched))


def _selects(rule: Rule, tag: str) -> bool:
    return bool(re.search(rule.selector, tag)) and not (rule.unless and re.search(rule.unless, tag))


def _first(ordered: Ordered, text: str) -> str:
    return next((value for value, words in ordered if any(word in text for word in words)), "")


def _kept(column: str, text: str) -> str:
    return text if text in VALUES[column] else ""
