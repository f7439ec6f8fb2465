"""Both sets of rules, text by text: the examples of the thesis's notebooks, and the table in docs/label.md."""

import re
from pathlib import Path

import pytest

from fashiontools.label.columns import READ, VALUES, Texts
from fashiontools.label.corrected import CorrectedRules, tags_of
from fashiontools.label.thesis import CATEGORY, OCCASION, RULES, SEARCHED, ThesisRules

PAGE = Path(__file__).parents[2] / "docs" / "label.md"
SOURCE = {"category": "category", "color": "color", "occasion": "name"}
NBSP = "\u00a0"


def texts(column: str, text: str) -> Texts:
    """A product of which the shop says this alone, where the column is read from."""
    return Texts(**{**dict.fromkeys(READ, ""), SOURCE.get(column, "attributes"): text})


@pytest.fixture(scope="module")
def german() -> CorrectedRules:
    return CorrectedRules("de")


@pytest.fixture(scope="module")
def english() -> CorrectedRules:
    return CorrectedRules("en")


# ------------------------------------------------------------------------------------------------- the docs' table

CORRECTIONS = re.findall(r"^\| (\w+) \| `([^`]+)` \| (\S+) \| (\S+) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_the_table_is_found_and_has_all_that_was_known_to_be_wrong() -> None:
    told = " ".join(text for _, text, _, _ in CORRECTIONS).lower()
    for quirk in (
        "viertelarm", "lange ärmel mit kurzem reißverschluss", "silikonstreifen", "ausgestellt", "karree", "henley",
        "cache-coeur", "bunt", "tapered", "flare", "raglanärmel", "shorts-bermudas",
    ):  # fmt: skip
        assert quirk in told, quirk


@pytest.mark.parametrize(("column", "text", "thesis", "ours"), CORRECTIONS)
def test_each_correction(german: CorrectedRules, column: str, text: str, thesis: str, ours: str) -> None:
    for spelled in (text, text.replace(": ", f":{NBSP}")):
        assert ThesisRules().read(texts(column, spelled)).values[column] == thesis.replace("-", "", thesis == "-")
        assert german.read(texts(column, spelled)).values[column] == ours.replace("-", "", ours == "-")


# ------------------------------------------------------------------------------------------------- the thesis's rules

FACTS = {
    "sleeve_length": "half dreiviertel|halb; short kurz|viertel; long lang; sleeveless spaghetti|ärmellos",
    "length": "normal normal|mittel; knee knielang; short kurz|oberschenkel; 3-4 7/8|3/4|waden|knöchel; long lang",
    "neckline": "v v-ausschnitt; round rund; lined eingefasst; back rücken; wide weit|carmen|u-boot; deep tief",
    "pattern": "lace spitze; floral blüm|floral; polkadots punkt; stripes streif; "
    "print all-over|meliert|print|camouflage|kariert|paisley; unicolors unifarben",
    "fit": "normal gerade|normal|straight|regular; loose locker|weit|loose|oversized|wide; "
    "tight tailliert|tailiert|skinny|ausgestellt|körper|figur|eng|slim|schmal|jegging",
    "category": "tops shirts|tops; pants hosen|jeans; knitwear strick; jackets jacken; dresses kleider; skirts roecke; "
    "blouses blusen; jumpsuits jumpsuits",
    "occasion": "party Cocktail|Ball|Fest|Party; casual Freizeit",
}
KEYS = {
    "sleeve_length": "Ärmellänge", "length": "Länge", "neckline": "Ausschnitt", "pattern": "Muster", "fit": "Passform",
}  # fmt: skip


def ordered(column: str) -> list[tuple[str, list[str]]]:
    parts = (part.split(" ", 1) for part in FACTS[column].split("; "))
    return [(value, words.split("|")) for value, words in parts]


def test_the_ordered_table_is_the_notebooks() -> None:
    ours = {rule.column: rule.values for rule in RULES} | {"category": CATEGORY, "occasion": OCCASION}
    assert {column: [(value, list(words)) for value, words in those] for column, those in ours.items()} == {
        column: ordered(column) for column in FACTS
    }


@pytest.mark.parametrize(
    ("column", "value", "word"),
    [(column, value, word) for column in FACTS for value, words in ordered(column) for word in words],
)
def test_each_word_of_the_thesis(column: str, value: str, word: str) -> None:
    tag = f"{KEYS[column]}:{NBSP}ganz {word}" if column in KEYS else f"x-{word}"
    # An earlier value whose word is within this one wins: that is what "ordered" means.
    expected = next(first for first, words in ordered(column) if any(other in word for other in words))
    assert ThesisRules().read(texts(column, tag)).values[column] == expected
    assert value == expected or (column, word) == ("category", "jumpsuits")


@pytest.mark.parametrize(
    ("attributes", "column", "value"),
    [
        ("ärmellänge: 60 cm, lange ärmel", "sleeve_length", "long"),
        ("ärmel bei größe 38 kurz", "sleeve_length", ""),
        ("gesamtlänge: lang", "length", ""),
        ("länge: lang bei größe 38", "length", ""),
        ("Länge:\xa0LANG, Länge:\xa0kurz", "length", "long"),
        ("Rundhals-Ausschnitt, Ausschnitt: V-Ausschnitt", "neckline", "round"),
        ("lockerer schnitt", "fit", "loose"),
        ("schnitt: locker", "fit", ""),
        ("passform: weit: schmal", "fit", "tight"),
        ("unifarben mit logo", "pattern", ""),
        ("ganz unifarben", "pattern", "unicolors"),
        ("details: reflektorstreifen", "pattern", "stripes"),
        ("muster: 10% punkte, 5% streifen", "pattern", "polkadots"),
    ],
)
def test_which_tag_the_thesis_takes_and_what_of_it(attributes: str, column: str, value: str) -> None:
    assert ThesisRules().read(texts("attributes", attributes)).values[column] == value


def test_the_thesis_knows_colours_by_the_search_alone() -> None:
    for color, words in SEARCHED.items():
        assert color in VALUES["color"]
        for word in (color, *words):
            assert ThesisRules().read(texts("color", word)).values["color"] == color
    assert ThesisRules().read(Texts("Kleid - rot", "Farbe: rot", "", "Rot")).values["color"] == ""


def test_the_thesis_reads_occasions_with_their_capitals() -> None:
    for name, value in (("Cocktailkleid", "party"), ("cocktailkleid", ""), ("Freizeithose", "casual")):
        assert ThesisRules().read(texts("occasion", name)).values["occasion"] == value


# ------------------------------------------------------------------------------------------------------- our rules

GERMAN = [
    ("name", "Langarmshirt", {"category": "tops", "sleeve_length": "long"}),
    ("name", "Minirock - khaki", {"category": "skirts", "length": "short", "color": "green"}),
    ("name", "Streifenkleid", {"category": "dresses", "pattern": "stripes"}),
    ("name", "Bluse mit Blümchenmuster", {"category": "blouses", "pattern": "floral"}),
    ("name", "Hemdblusenkleid mit Jacke - offwhite", {"category": "dresses", "color": "white"}),
    ("name", "Hosenrock", {"category": "pants"}),
    ("name", "Strickkleid", {"category": "dresses"}),
    ("name", "Strickjacke", {"category": "knitwear"}),
    ("name", "Jeansjacke - blue denim", {"category": "jackets", "color": "blue"}),
    ("name", "Jeans Overall", {"category": "jumpsuits"}),
    ("name", "Barockes Top - bordeaux", {"category": "tops", "color": "red"}),
    ("name", "Rotes Kleid mit schwarzen Punkten", {"category": "dresses", "color": "red", "pattern": "polkadots"}),
    ("name", "Top ohne Streifen", {"category": "tops", "pattern": ""}),
    ("name", "Top ohne Ärmel", {"sleeve_length": "sleeveless"}),
    ("name", "Beutel für Brot", {"color": ""}),
    ("category", "Kleider & Röcke", {"category": "dresses"}),
    ("category", "blusen-tuniken", {"category": "blouses"}),
    ("category", "pullover-und-strickjacken", {"category": "knitwear"}),
    ("category", "pullover-strick", {"category": "knitwear"}),
    ("category", "jacken-maentel", {"category": "jackets"}),
    ("category", "roecke", {"category": "skirts"}),
    ("category", "RÖCKE", {"category": "skirts"}),
    ("category", "jumpsuits-und-overalls", {"category": "jumpsuits"}),
    ("category", "Accessoires", {"category": ""}),
    ("color", "gruen.oliv", {"color": "green"}),
    ("color", "lila.pink", {"color": "pink"}),
    ("color", "blau-turkis", {"color": "blue"}),
    ("color", "grau-schwarz", {"color": "black"}),
    ("color", "grun", {"color": "green"}),
    ("color", "Dunkelblau / Weiß", {"color": "blue"}),
    ("color", "braun", {"color": "beige"}),
    ("attributes", "Farbe: Weinrot", {"color": "red"}),
    ("attributes", "unifarben, gerader Saum, lockerer Schnitt", {"pattern": "unicolors", "fit": "loose"}),
    ("attributes", "gerader Saum", {"fit": ""}),
    ("attributes", "Gerader Schnitt", {"fit": "normal"}),
    ("attributes", "Länge: Langgröße", {"length": ""}),
    ("name", "Cropped Jeans mit weitem Bein", {"category": "pants", "length": "3-4", "fit": "loose"}),
    ("attributes", "Rundhals-Ausschnitt", {"neckline": "round"}),
    ("attributes", "Kragen: V-Ausschnitt", {"neckline": "v"}),
    ("attributes", "tiefer V-Ausschnitt, tiefer Rückenausschnitt", {"neckline": "v"}),
    ("attributes", "tiefer Rückenausschnitt", {"neckline": "back"}),
    ("attributes", "Ausschnitt: U-Boot-Ausschnitt", {"neckline": "wide"}),
    ("attributes", "Ärmellänge kurz", {"sleeve_length": "short"}),
    ("attributes", "3/4-Arm", {"sleeve_length": "half"}),
    ("attributes", "7/8-Länge", {"length": "3-4"}),
    ("attributes", "Länge: normal\nPassform: Slim Fit", {"length": "normal", "fit": "tight"}),
    ("attributes", "Futter: geblümt", {"pattern": ""}),
    ("attributes", "Damen Hemdbluse von Maria mit langen Ärmeln, V-Ausschnitt und Streifen",
     {"category": "blouses", "sleeve_length": "long", "neckline": "v", "pattern": "stripes"}),
    ("attributes", "Gesamtlänge: 91,5 cm bei Größe 38", {"length": ""}),
]  # fmt: skip
ENGLISH = [
    ("name", "Women's Slim Fit Striped T-Shirt - navy",
     {"category": "tops", "fit": "tight", "pattern": "stripes", "color": "blue", "sleeve_length": "short"}),
    ("name", "Long Sleeve Midi Shirt Dress in Off-White",
     {"category": "dresses", "sleeve_length": "long", "length": "3-4", "color": "white"}),
    ("name", "Ribbed Knitted Cardigan", {"category": "knitwear", "color": ""}),
    ("name", "Tailored Denim Jacket with Belt", {"category": "jackets", "color": ""}),
    ("name", "Wide-Leg Trousers with side stripe", {"category": "pants", "fit": "loose", "pattern": ""}),
    ("name", "Lace-up Dress", {"pattern": ""}),
    ("name", "Sleeveless Cocktail Dress", {"sleeve_length": "sleeveless", "occasion": "party"}),
    ("category", "Women > Dresses", {"category": "dresses"}),
    ("category", "Jumpsuits & Playsuits", {"category": "jumpsuits"}),
    ("attributes", "Sleeve length: 3/4, Neckline: Crew neck, Length: Knee-length, Pattern: Polka dot, Fit: Regular",
     {"sleeve_length": "half", "neckline": "round", "length": "knee", "pattern": "polkadots", "fit": "normal"}),
    ("attributes", "Long sleeves with a short zip", {"sleeve_length": "long", "length": ""}),
    ("attributes", "Colour: Burgundy, Occasion: Evening", {"color": "red", "occasion": "party"}),
    ("attributes", "Flared cut, square neckline, silicone stripes",
     {"fit": "loose", "neckline": "wide", "pattern": ""}),
]  # fmt: skip


@pytest.mark.parametrize(("source", "text", "expected"), GERMAN)
def test_german(german: CorrectedRules, source: str, text: str, expected: dict[str, str]) -> None:
    values = german.read(Texts(**{**dict.fromkeys(READ, ""), source: text})).values
    assert {column: values[column] for column in expected} == expected


@pytest.mark.parametrize(("source", "text", "expected"), ENGLISH)
def test_english(english: CorrectedRules, source: str, text: str, expected: dict[str, str]) -> None:
    values = english.read(Texts(**{**dict.fromkeys(READ, ""), source: text})).values
    assert {column: values[column] for column in expected} == expected


def test_a_column_wins_over_tags_and_tags_over_the_name(german: CorrectedRules) -> None:
    said = german.read(Texts("Minirock - rot", "Länge: knielang, kurzer Rock", "kleider", "blau")).values
    assert (said["category"], said["color"], said["length"]) == ("dresses", "blue", "knee")
    said = german.read(Texts("Minirock - rot", "", "Neuheiten", "")).values
    assert (said["category"], said["color"], said["length"]) == ("skirts", "red", "short")


@pytest.mark.parametrize(
    ("attributes", "tags"),
    [
        ("Material: 98% Baumwolle, 2% Elasthan, Muster: uni", ["Material: 98% Baumwolle, 2% Elasthan", "Muster: uni"]),
        ("Saum: 1,5 cm, uni", ["Saum: 1,5 cm", "uni"]),
        ("70% Viskose, 25,5 % Polyamid", ["70% Viskose, 25,5 % Polyamid"]),
        ("Größe 38, 7/8-Länge", ["Größe 38", "7/8-Länge"]),
        (" a ,, b;c\nd", ["a", "b", "c", "d"]),
        ("", []),
    ],
)
def test_commas_within_numbers_and_shares_part_no_tags(attributes: str, tags: list[str]) -> None:
    assert tags_of(attributes) == tags


def test_what_is_not_understood_is_listed_with_its_place(german: CorrectedRules) -> None:
    said = german.read(
        Texts("Kleid Sandrine - rot", "Ärmellänge: krumm, Muster: Blobs, quietschig, Leibhöhe: xyz", "Dingsda", "rot")
    )
    assert [one[:3] for one in said.unmatched] == [
        ("category", "category", "dingsda"),
        ("sleeve_length", "ärmellänge", "krumm"),
        ("pattern", "muster", "blobs"),
        ("", "", "quietschig"),
        ("", "name", "sandrine"),
    ]
    assert said.unmatched[1].example == "Ärmellänge: krumm"
