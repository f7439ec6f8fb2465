"""Plain words of whatever a page writes them in: entities, markup, hard spaces, numbers with units."""

import html
import re

_HIDDEN = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_MARKUP = re.compile(r"<[/!?]?[a-zA-Z][^<>]*>")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad]")
_UNWRITABLE = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ENTITY = re.compile(r"&#?\w")

AMOUNT = r"[0-9]+(?:[.,'\u2019][0-9]+|[ \u00a0\u2009\u202f][0-9]{3}(?![0-9]))*"  # a space parts thousands only
_AMOUNT = re.compile(AMOUNT)
_CODE = re.compile(r"(?<![A-Za-z])([A-Z]{3})(?![A-Za-z])")
_SIGNS = {
    "\u20ac": "EUR",
    "\u00a3": "GBP",
    "z\u0142": "PLN",
    "\u20ba": "TRY",
    "\u20b9": "INR",
    "\u20a9": "KRW",
    "\u20bd": "RUB",
    "$": "USD",
}


def listed(names: str) -> tuple[str, ...]:
    """Names out of a text that has them with spaces between."""
    return tuple(names.split())


def plain(value: object) -> str:
    """The words of a text: entities resolved, markup and invisible characters left out, white space collapsed.

    A hard space counts as white space, so that the shops' `key:\\u00a0value` is `key: value`.

    Args:
        value: A text, or a number; anything else has no words.

    Returns:
        One line that can be written as UTF-8.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    text = str(value)
    if "&" in text and _ENTITY.search(text):
        text = html.unescape(text)
    if "<" in text:
        text = _MARKUP.sub(" ", _HIDDEN.sub(" ", text))
    if "&" in text and _ENTITY.search(text):  # markup that was escaped whole has its own entities
        text = html.unescape(text)
    text = _UNWRITABLE.sub("\ufffd", _INVISIBLE.sub("", text))
    return " ".join(_CONTROL.sub(" ", text).split())


def price(value: object) -> str:
    """An amount as a decimal number with a point: `1.299,00 EUR`, `1,299.00`, `1299` and `1'299.-` are 1299.

    Of a range it is the lower end. What follows the last separator is a fraction unless it has three digits: no shop
    of fashion sells at a thousandth.

    Returns:
        As many decimals as the page has, two where it has one; empty where there is no number.
    """
    if isinstance(value, float) and value == value and abs(value) < 1e15:
        value = f"{value:.2f}".removesuffix(".00")
    match = _AMOUNT.search(plain(value))
    if not match:
        return ""
    digits = re.sub(r"[^0-9.,]", "", match[0])
    whole, separator, fraction = digits, "", ""
    last = max(digits.rfind("."), digits.rfind(","))
    if last >= 0:
        whole, separator, fraction = digits[:last], digits[last], digits[last + 1 :]
        mixed = "," in whole if separator == "." else "." in whole
        if (len(fraction) == 3 and whole.lstrip("0.,") and not mixed) or separator in whole:
            whole, fraction = whole + fraction, ""
    whole = re.sub("[.,]", "", whole).lstrip("0") or "0"
    fraction = fraction if len(fraction) <= 2 else fraction[:2] + fraction[2:].rstrip("0")
    return f"{whole}.{fraction.ljust(2, '0')}" if fraction else whole


def currency(value: object) -> str:
    """The ISO 4217 code in a text such as `EUR`, `49,95 \\u20ac` or `CHF 49.-`; empty where it has none."""
    text = plain(value)
    if match := _CODE.search(text.upper() if len(text) == 3 else text):
        return match[1]
    return next((code for sign, code in _SIGNS.items() if sign in text), "")
