"""Words, amounts and broken JSON."""

import html
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiontools.scrape.shop.reader.loose_json import MOST_CHARACTERS, nested, values
from fashiontools.scrape.shop.reader.text import currency, plain, price


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("H&amp;M", "H&M"),
        ("Passform:\u00a0eng", "Passform: eng"),
        ("Passform:&nbsp;eng", "Passform: eng"),
        ("  a\n\t b\u2003c ", "a b c"),
        ("<p>One</p><p>Two</p>", "One Two"),
        ("&lt;b&gt;One&lt;/b&gt; &amp;amp; two", "One & two"),
        ("<style>p { x }</style>One<!-- no --><script>x</script>", "One"),
        ("40 < 50 > 30", "40 < 50 > 30"),
        ("Ober\u00adteil\u200b", "Oberteil"),
        ("a\x00b\ud800", "a b\ufffd"),
        (38, "38"),
        (True, ""),
        (None, ""),
        (["x"], ""),
    ],
)
def test_plain(text: object, words: str) -> None:
    assert plain(text) == words


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Zs", "Zl", "Zp"], exclude_characters="<>&"))
)
def test_plain_is_what_was_escaped(text: str) -> None:
    assert plain(html.escape(text)) == " ".join(text.split())


@given(st.text())
def test_plain_can_be_written_and_is_one_line(text: str) -> None:
    words = plain(text)
    words.encode()
    assert words == " ".join(words.split())


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.299,00 EUR", "1299.00"),
        ("1,299.00", "1299.00"),
        ("1.299", "1299"),
        ("1,299", "1299"),
        ("1.299.000", "1299000"),
        ("1'299.00", "1299.00"),
        ("1\u2019299.\u2013", "1299"),
        ("1 299,00 \u20ac", "1299.00"),
        ("1\u202f299,5", "1299.50"),
        ("49,95 59,95", "49.95"),
        ("ab 49,95 \u20ac \u2013 59,95 \u20ac", "49.95"),
        ("49,-", "49"),
        ("0.99", "0.99"),
        ("0.999", "0.999"),
        ("\u00a39", "9"),
        (49.9, "49.90"),
        (49.95000000000001, "49.95"),
        (1299, "1299"),
        (1299.0, "1299"),
        (float("nan"), ""),
        (float("inf"), ""),
        ("sold out", ""),
        (None, ""),
    ],
)
def test_price(text: object, amount: str) -> None:
    assert price(text) == amount


@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from([(",", "."), (".", ","), (" ", ","), ("'", ".")]))
def test_price_reads_every_way_to_write_it(whole: int, cents: int, marks: tuple[str, str]) -> None:
    thousand, point = marks
    written = f"{whole:,}".replace(",", thousand)
    assert price(f"{written}{point}{cents:02d} EUR") == f"{whole}.{cents:02d}"


@given(st.text() | st.floats() | st.integers())
def test_a_price_is_a_number_or_nothing(text: object) -> None:
    assert price(text) == "" or math.isfinite(float(price(text)))


@pytest.mark.parametrize(
    ("text", "code"),
    [("EUR", "EUR"), ("eur", "EUR"), ("49 \u20ac", "EUR"), ("CHF 49.-", "CHF"), ("$5", "USD"), ("49", ""), (None, "")],
)
def test_currency(text: object, code: str) -> None:
    assert currency(text) == code


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
OBJECTS = st.dictionaries(st.text(), JSON, min_size=1, max_size=5)


@given(OBJECTS, st.booleans(), st.sampled_from([None, 2]))
def test_good_json_is_read_as_it_is(value: object, is_ascii: bool, indent: int | None) -> None:
    text = json.dumps(value, ensure_ascii=is_ascii, indent=indent)
    assert values(text) == [value]
    assert values(f"window.__STATE__ = {text};") == [value]
    assert values(f"{text}\n{text}") == [value, value]


@given(OBJECTS)
def test_json_in_a_text_of_a_script_is_read(value: object) -> None:
    assert values(f"var data = JSON.parse({json.dumps(json.dumps(value))});")[0] == value


@given(OBJECTS)
def test_comments_and_commas_are_repaired(value: object) -> None:
    text = json.dumps(value)
    broken = f'/* it\'s */ {text[:-1]} , // the "end"\n }}'
    with pytest.raises(json.JSONDecodeError):
        json.loads(broken)
    assert values(broken) == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (
            "{a: 1, 'b': 'x', c: undefined, d: !0, e: !1, f: void 0}",
            {"a": 1, "b": "x", "c": None, "d": 1, "e": 0, "f": None},
        ),
        ("""{a: 'it\\'s "so"', b: 1.5e5, c: -1e-3}""", {"a": 'it\'s "so"', "b": 1.5e5, "c": -1e-3}),
        ('{"a": "\\x27 \\e \\\' \\u00e4"}', {"a": "' e ' \u00e4"}),
        ('{"a": "5" heel", "b": "the "best" one"}', {"a": '5" heel', "b": 'the "best" one'}),
        (
            '{"a": "<p style="color: red;">He said "yes", not "no".</p>", "b": [1, "x"]}',
            {"a": '<p style="color: red;">He said "yes", not "no".</p>', "b": [1, "x"]},
        ),
        ('{"a": [1, 2,, ], }', {"a": [1, 2]}),
        ('{"url": "https://x.example//y", /* "no": 1 */}', {"url": "https://x.example//y"}),
        ('{"a":"one\ntwo\tthree"}', {"a": "one\ntwo\tthree"}),
        ("{&quot;a&quot;: &quot;x&quot;}", {"a": "x"}),
        ('(function(){var f={};return {x:function(){}}})();window.s={"a":[1]};', {"a": [1]}),
        ('JSON.parse(\'{"a":"it\\\'s"}\')', {"a": "it's"}),
    ],
)
def test_repairs(text: str, value: object) -> None:
    assert values(text)[0] == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "no",
        "[" * 50_000,
        '{"a":' * 50_000,
        '{"a":' + "9" * 5_000 + "}",
        '{"a":"' + "\\" * 99 + '"}',
    ],
)
def test_what_is_no_json_is_nothing(text: str) -> None:
    assert values(text) == []


def test_scripts_that_are_too_long_are_not_read() -> None:
    text = '{"a": 1}'
    assert values(text.ljust(MOST_CHARACTERS)) == [{"a": 1}]
    assert values(text.ljust(MOST_CHARACTERS + 1)) == []


@given(
    st.text()
    | st.lists(st.sampled_from(["{", "}", "[", "]", '"', "'", "\\", "/*", "*/", "//", ",", "a:", "\n", "1"])).map(
        "".join
    )
)
def test_any_text_has_values_or_none(text: str) -> None:
    assert all(isinstance(value, dict | list) for value in values(text))


def test_nested_is_in_the_order_of_the_page_and_bounded() -> None:
    value = {"a": [{"b": 1}, {"c": [2]}], "d": {}}
    assert [(part, way) for part, way in nested(value)] == [
        (value, ()),
        (value["a"], ("a",)),
        ({"b": 1}, ("a", "")),
        ({"c": [2]}, ("a", "")),
        ([2], ("a", "", "c")),
        ({}, ("d",)),
    ]
    assert len(list(nested([[]] * 100, most=10))) == 10
    assert len(list(nested([[[[]]]], deepest=2))) == 3
