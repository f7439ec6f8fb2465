"""Vocabulary files: forms, a user's own words, further languages, and what is wrong with a file."""

import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.core.errors import UsageError
from fashiontools.label import lexicon, tokens
from fashiontools.label.columns import READ, VALUES, Texts
from fashiontools.label.corrected import CorrectedRules
from fashiontools.label.describing import describe
from fashiontools.label.forms import Form, Forms, form_of
from fashiontools.label.thesis import ThesisRules

ENDINGS = ("e", "er", "ern", "s")
FOLD = {"ü": "ue", "ö": "oe"}
GERMAN, ENGLISH, THESIS = CorrectedRules("de"), CorrectedRules("en"), ThesisRules()
EACH_RULES = pytest.mark.parametrize("rules", [GERMAN, ENGLISH, THESIS], ids=["de", "en", "thesis"])


def form(text: str, value: str = "x", column: str = "c", *, own: bool = False) -> Form:
    return form_of(text, column, value, endings=ENDINGS, fold=FOLD, after_key=False, own=own)


@pytest.mark.parametrize(
    ("text", "words", "places"),
    [
        ("kleid", "kleid kleider sommerkleid", [0]),
        ("kleid+", "kleid kleider kleids kleidung", [0, 1, 2]),
        ("*kleid+", "sommerkleid sommerkleider kleidung", [0, 1]),
        ("streif*", "streifen gestreift streif", [0, 2]),
        ("*streif*", "streifen gestreift nadelstreifen streit", [0, 1, 2]),
        ("grün", "grün gruen GRÜN gru\u0308n grun", [0, 1, 2, 3]),
        ("u-boot*", "u bootsausschnitt u kragen", [0]),
        ("7/8 hose+", "7 8 hose 7 hose", [0]),
        ("lang+ arm+", "langer arm lang arme lange ärmel", [0, 2]),
    ],
)
def test_a_form_and_where_it_is(text: str, words: str, places: list[int]) -> None:
    assert [match.start for match in Forms([form(text)], FOLD).find(words.split())] == places


@pytest.mark.parametrize("text", ["", " ", "*", "+", "a*b", "**a", "a+*", "a+b", "a.b"])
def test_what_is_no_form(text: str) -> None:
    with pytest.raises(ValueError):
        form(text)


def test_a_longer_form_hides_what_is_within_it() -> None:
    forms = Forms([form("u"), form("u boot*", "y"), form("*streif*"), form("*silikonstreif*", "")], FOLD)
    assert [match.form.value for match in forms.find(["u", "boot"])] == ["y"]
    assert [match.form.value for match in forms.find(["silikonstreifen"])] == [""]
    assert [match.form.value for match in forms.find(["nadelstreifen"])] == ["x"]
    assert len(Forms([form("a"), form("a", "", "other")], FOLD).find(["a"])) == 2, "another column hides nothing"


# ---------------------------------------------------------------------------------------------------- own words


def read(own: str, tmp_path: Path, **texts: str) -> dict[str, str]:
    file = tmp_path / "own.toml"
    file.write_text(own, encoding="utf-8")
    return CorrectedRules("de", file).read(Texts(**{**dict.fromkeys(READ, ""), **texts})).values


def test_own_words_win_silence_and_add_values(tmp_path: Path) -> None:
    assert read('[color]\nbeige = ["khaki"]', tmp_path, color="khaki")["color"] == "beige"
    assert read('[color]\nnone = ["rot+"]', tmp_path, color="rot")["color"] == ""
    assert read('[color]\norange = ["*orange+"]', tmp_path, color="Hellorange")["color"] == "orange"
    assert read('[color]\norange = ["*orange+"]', tmp_path, color="orange")["color"] == "orange"
    assert read('[pattern]\nprint = ["*retro*"]', tmp_path, attributes="Retrostreifen")["pattern"] == "print"
    tags = "Stoffdesign: gestreift, Länge: knielang"
    assert read('[keys]\nnone = ["stoffdesign"]', tmp_path, attributes=tags)["pattern"] == ""
    assert read('[keys]\nnone = ["länge"]', tmp_path, attributes=tags)["length"] == ""
    assert read('[length.after-key]\nshort = ["knie*"]', tmp_path, attributes=tags)["length"] == "short"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[color\n", "own.toml: not TOML: "),
        ("[colour]\n", "own.toml: colour: no such list or table; did you mean color"),
        ("color = 3", "own.toml: color: expected a table: [color]"),
        ('[color]\nred = "rot"', "own.toml: [color] red: expected a list of words"),
        ('[color]\nred = [""]', "own.toml: [color] red: expected a list of words"),
        ('[color]\nred = ["r*t"]', "own.toml: [color] red: 'r*t': 'r*t' is no word with * or + at its ends"),
        ('[color]\n"Dark Red" = ["rot"]', "own.toml: [color] Dark Red: a value is lower-case letters"),
        ("[color]\nafter-key = 1", "own.toml: [color]: after-key is a table: [color.after-key]"),
        ('[keys]\ncolr = ["farbe"]', "own.toml: [keys] colr: no such column; did you mean color"),
        ("known = [1]", "own.toml: known: expected a list of words"),
        ("[fold]\na = 1", "own.toml: [fold] a: expected letters"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        read(text, tmp_path)
    assert told in str(error.value)
    assert "\n" not in str(error.value)


def test_the_line_of_broken_toml_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"at line 2, column"):
        read('[color]\nred = "rot" 3', tmp_path)
    (tmp_path / "own.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        CorrectedRules("de", tmp_path / "own.toml")
    with pytest.raises(UsageError, match="No such file"):
        CorrectedRules("de", tmp_path / "other.toml")


# ---------------------------------------------------------------------------------------------------- languages


def test_a_language_is_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in lexicon.FOLDER.glob("*.toml"):
        shutil.copy(file, tmp_path)
    (tmp_path / "nl.toml").write_text(
        'endings = ["en", "e", "s"]\nbreaks = ["met", "van"]\n[keys]\nsleeve_length = ["mouwlengte"]\n'
        '[category]\ndresses = ["*jurk+"]\n[color]\nred = ["rood", "rode"]\n[sleeve_length.after-key]\n'
        'long = ["lang+"]\n',
        encoding="utf-8",
    )
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    assert lexicon.languages() == ["de", "en", "nl"]
    values = CorrectedRules("nl").read(Texts("Rode zomerjurk van Maria", "Mouwlengte: lange", "", "")).values
    assert (values["category"], values["color"], values["sleeve_length"]) == ("dresses", "red", "long")


def test_a_file_whose_language_spacy_does_not_know(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "xq.toml").write_text("known = []")
    monkeypatch.setattr(lexicon, "FOLDER", tmp_path)
    with pytest.raises(UsageError, match="'xq'"):
        CorrectedRules("xq")


@pytest.mark.parametrize("language", ["de", "en"])
def test_each_language_names_every_value_and_no_other(language: str) -> None:
    words = lexicon.read_lexicon(language)
    assert words.values == VALUES
    assert set(words.order["color"]) == set(VALUES["color"])


def test_a_long_stream_does_not_keep_all_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_MOST_STRINGS", 0)
    tokenizer, built = tokens.Tokenizer("de"), []
    monkeypatch.setattr(tokenizer, "_build", lambda: built.append(1))
    assert tokenizer.words("U-Boot-Ausschnitt, 7/8") == ("u", "boot", "ausschnitt", "7", "8")
    assert tokenizer.words("Cr\u00e9me, z.B. 1,5cm") == ("cr\u00e9me", "z", "b", "1,5", "cm")
    assert len(built) == 2


# ---------------------------------------------------------------------------------------------------- any text

SHOP_WORDS = st.sampled_from(
    ["Ärmellänge", ":", "\u00a0", ", ", " ", "kurz", "lang", "mit", "ohne", "V-Ausschnitt", "Streifen", "rot", "-",
     "1,5 cm", "7/8", "98%", "Kleid", "Hose", "Muster", "(", "&", "sleeve", "neckline", "floral", "dress", "navy",
     "with", "\n"]
)  # fmt: skip
ANY_TEXT = st.one_of(st.text(max_size=40), st.lists(SHOP_WORDS, max_size=12).map("".join))


@EACH_RULES
@settings(max_examples=60)
@given(texts=st.builds(Texts, ANY_TEXT, ANY_TEXT, ANY_TEXT, ANY_TEXT))
def test_any_text_gives_values_of_the_columns_and_stays_labelled(
    rules: CorrectedRules | ThesisRules, texts: Texts
) -> None:
    values, unmatched = rules.read(texts)
    assert list(values) == list(VALUES)
    assert all(value in ("", *VALUES[column]) for column, value in values.items())
    assert all(one.column in ("", *VALUES) and one.text for one in unmatched)
    assert rules.read(texts._replace(category=values["category"], color=values["color"])).values == values


@EACH_RULES
def test_values_stay_as_they_are(rules: CorrectedRules | ThesisRules) -> None:
    for category in VALUES["category"]:
        for color in VALUES["color"]:
            values = rules.read(Texts("Hosenrock - gelb", "", category, color)).values
            assert (values["category"], values["color"]) == (category, color)


@given(values=st.fixed_dictionaries({column: st.sampled_from(["", *those]) for column, those in VALUES.items()}))
def test_any_values_make_a_sentence_or_none(values: dict[str, str]) -> None:
    sentence = describe(values)
    assert bool(sentence) == any(values.values())
    if sentence:
        assert sentence[0] == "A" and sentence.endswith(".") and sentence.count(".") == 1
        assert "  " not in sentence and " ." not in sentence
        words = sentence.removesuffix(".").split()
        for article, word in pairwise(words):
            if article.lower() in ("a", "an"):
                assert (article.lower() == "an") == (word[0] in "aeiou"), sentence
