"""The lookbook's words, back to the attributes that they were written from."""

from collections import Counter

import numpy as np
import pytest

from fashiontools.core.random import generator_of
from fashiontools.import_data.lookbook import wording
from fashiontools.import_data.lookbook.attributes import Garment, draw_garment_attributes
from fashiontools.label.columns import READ, VALUES, Texts
from fashiontools.label.corrected import CorrectedRules
from fashiontools.label.describing import describe
from fashiontools.label.thesis import ThesisRules

PRODUCTS = 500
COLUMNS = [column for column in VALUES if column != "occasion"]
SLUGS = {
    "blouses": "blusen-tuniken", "dresses": "kleider", "jackets": "jacken", "knitwear": "pullover-strick",
    "pants": "hosen", "skirts": "roecke", "tops": "shirts",
}  # fmt: skip
GERMAN = {
    "beige": "braun", "black": "schwarz", "blue": "blau-turkis", "gray": "grau", "green": "gruen.oliv",
    "pink": "lila.pink", "red": "rot", "white": "weiss", "yellow": "gelb",
}  # fmt: skip


def products() -> list[tuple[Garment, np.random.Generator]]:
    """As `import lookbook` draws them, without their photos."""
    rngs = [generator_of(0, b"lookbook", number) for number in range(PRODUCTS)]
    return [(draw_garment_attributes(rng), rng) for rng in rngs]


def shares_right(rules: CorrectedRules | ThesisRules, *, with_slugs: bool) -> dict[str, float]:
    """The share of products whose value is the one that was drawn, by column."""
    right: Counter[str] = Counter()
    for garment, rng in products():
        attributes = wording.german_attributes(garment, rng)
        sold_as = (SLUGS[garment.category], GERMAN[garment.color]) if with_slugs else ("", "")
        values = rules.read(Texts(wording.german_name(garment), attributes, *sold_as)).values
        for column in COLUMNS:
            right[column] += values[column] == getattr(garment, column)
    return {column: right[column] / PRODUCTS for column in COLUMNS}


@pytest.mark.parametrize("with_slugs", [False, True])
def test_german_words_are_read_back(with_slugs: bool) -> None:
    shares = shares_right(CorrectedRules("de"), with_slugs=with_slugs)
    assert min(shares.values()) >= 0.95, shares


def test_the_thesis_reads_them_too_where_it_has_its_slugs() -> None:
    shares = shares_right(ThesisRules(), with_slugs=True)
    assert 0.9 < shares.pop("sleeve_length") < 1, "it takes Viertelarm for short"
    assert min(shares.values()) >= 0.95, shares
    assert shares_right(ThesisRules(), with_slugs=False)["category"] == 0, "it never looked for a noun in a name"


def test_english_sentences_are_read_back() -> None:
    """The lookbook's own, in which a plain garment and a normal length are not told."""
    rules, right = CorrectedRules("en"), Counter[str]()
    untold = {("pattern", "unicolors"), ("length", "normal")}
    for garment, _ in products():
        values = rules.read(Texts(wording.english_description(garment), "", "", "")).values
        for column in COLUMNS:
            drawn = getattr(garment, column)
            right[column] += values[column] == ("" if (column, drawn) in untold else drawn)
    assert min(right.values()) >= 0.95 * PRODUCTS, right


def test_our_sentences_are_read_back_whatever_they_say() -> None:
    rules, rng = CorrectedRules("en"), np.random.default_rng(0)
    for _ in range(PRODUCTS):
        values = {column: str(rng.choice(["", *those])) for column, those in VALUES.items()}
        told = {**values, "length": "" if values["length"] == "normal" else values["length"]}
        sentence = describe(values)
        assert rules.read(Texts(sentence, "", "", "")).values == told, sentence


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, ""),
        ({"color": "red"}, "A red garment."),
        ({"category": "pants", "fit": "loose"}, "A pair of loose pants."),
        ({"category": "knitwear", "sleeve_length": "long"}, "A piece of knitwear with long sleeves."),
        ({"category": "dresses", "color": "orange"}, "An orange dress."),
        ({"neckline": "back", "category": "tops"}, "A top with an open back."),
        ({"neckline": "asymmetric", "category": "tops"}, "A top with an asymmetric neckline."),
        (
            {
                "category": "dresses", "color": "red", "length": "knee", "sleeve_length": "short", "fit": "loose",
                "pattern": "floral", "neckline": "v", "occasion": "party",
            },
            "A loose knee-length red floral party dress with short sleeves and a v neckline.",
        ),
    ],
)  # fmt: skip
def test_sentences(values: dict[str, str], sentence: str) -> None:
    assert describe({**dict.fromkeys(VALUES, ""), **values}) == sentence


def test_values_of_the_docs_table_are_those_of_the_lookbook() -> None:
    from fashiontools.import_data.lookbook import attributes

    assert set(attributes.CATEGORIES) | {"jumpsuits"} == set(VALUES["category"])
    for column in ("color", "length", "sleeve_length", "fit", "pattern", "neckline"):
        assert set(getattr(attributes, f"{column.upper()}S")) == set(VALUES[column])
    assert set(READ) == {"name", "attributes", "category", "color"}
