"""Our own rules: the thesis's, corrected, with forms from a vocabulary file instead of substrings."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from fashiontools.label.columns import VALUES, Labels, Texts, Unmatched
from fashiontools.label.forms import Match
from fashiontools.label.lexicon import ANY, Lexicon, read_lexicon
from fashiontools.label.tokens import Tokenizer

OWN_WEIGHT = 1000
_DASH = r"\s[-\u2013\u2014|]\s"
_SEGMENTS = re.compile(_DASH + r"|\s/\s|[;&()\n|>\u2022]+|,(?!\d)")
_TAG_ENDS = re.compile(r"[;\n|\u2022]+|(?<!\d),|,(?!\d)")
_SHARE = re.compile(r"\s*\d+(?:[.,]\d+)?\s*%")
_CHOSEN_BY_PLACE = ("category", "color")
_LONGEST_EXAMPLE = 120


class Piece(NamedTuple):
    """A part of a text between two breaks.

    Attributes:
        words: Its words.
        is_head: Whether it is what the text is about.
    """

    words: tuple[str, ...]
    is_head: bool


class Reading(NamedTuple):
    """What one text says.

    Attributes:
        values: The values that it says, by column.
        unknown: Its words that are of no form.
    """

    values: dict[str, str]
    unknown: tuple[str, ...]


def tags_of(attributes: str) -> list[str]:
    """The tags of a product: what is between commas, but for those within numbers and between shares of a material.

    "Material: 98% Baumwolle, 2% Elasthan, Saum: 1,5 cm" has two. Semicolons, bars and line ends part tags too.
    """
    tags: list[str] = []
    for part in _TAG_ENDS.split(attributes):
        if tags and "%" in tags[-1] and _SHARE.match(part) and ":" not in part:
            tags[-1] += "," + part
        else:
            tags.append(part)
    return [tag.strip() for tag in tags if tag.strip()]


class CorrectedRules:
    """Reads products with the vocabulary of a language.

    For each column its own words are asked first (the columns `category` and `color`), then tags whose key names the
    column, then tags without such a key, then the name; the first that says something is taken.

    Args:
        language: The language of the texts.
        own: A user's own words.

    Raises:
        UsageError: The language is unknown, or a file cannot be read.
    """

    def __init__(self, language: str, own: Path | None = None) -> None:
        self._lexicon: Lexicon = read_lexicon(language, own)
        self.values = self._lexicon.values
        self.digest = self._lexicon.digest
        self._tokenizer = Tokenizer(language)
        self._parts = lru_cache(maxsize=1 << 14)(self._parted)
        self._keyed = lru_cache(maxsize=1 << 14)(self._read_keyed)
        self._loose = lru_cache(maxsize=1 << 14)(self._read_loose)

    def read(self, texts: Texts) -> Labels:
        """Read the texts of a product."""
        found: list[dict[str, str]] = []
        loose: list[dict[str, str]] = []
        sentences: list[dict[str, str]] = []
        unmatched: list[Unmatched] = []
        for column in _CHOSEN_BY_PLACE:
            text = getattr(texts, column).strip()
            if text:
                found.append(self._column(column, text, unmatched))
        for tag in tags_of(texts.attributes):
            key, text, column = self._parts(tag)
            if column in VALUES:
                found.append(self._tag(column, key, text, tag, unmatched))
            elif column == ANY:
                reading = self._loose(text)
                loose.append({name: value for name, value in reading.values.items() if name not in _CHOSEN_BY_PLACE})
                if not key:
                    sentences.append({"category": reading.values.get("category", "")})
                unmatched += (Unmatched("", key, word, _short(tag)) for word in reading.unknown)
        name = self._name(texts.name)
        unmatched += (Unmatched("", "name", word, _short(texts.name)) for word in name.unknown)
        values = dict.fromkeys(VALUES, "")
        for said in (*found, *loose, name.values, *sentences):
            for column, value in said.items():
                values[column] = values[column] or value
        return Labels(values, tuple(unmatched))

    # ---------------------------------------------------------------------------------------------- kinds of texts

    def _column(self, column: str, text: str, unmatched: list[Unmatched]) -> dict[str, str]:
        """What the column itself says: a value stays as it is."""
        if text.lower() in self.values[column]:
            return {column: text.lower()}
        return self._tag(column, column, text, text, unmatched)

    def _tag(self, column: str, key: str, text: str, tag: str, unmatched: list[Unmatched]) -> dict[str, str]:
        """What a text says whose column is known."""
        value = self._keyed(column, text)
        if value is None:
            unmatched.append(Unmatched(column, key, _short(text.lower()), _short(tag)))
        return {column: value} if value else {}

    def _name(self, name: str) -> Reading:
        """What a name says: its colour is after the last dash, as shops have it, before it is anywhere else."""
        reading = self._loose(name)
        ending = re.split(_DASH, name)[-1]
        color = self._loose(ending).values.get("color", "")
        return Reading({**reading.values, "color": color}, reading.unknown) if color else reading

    def _parted(self, tag: str) -> tuple[str, str, str]:
        """A tag's key, its text, and what the key is about: a column, `any`, or empty for nothing."""
        key, colon, text = tag.partition(":")
        words = self._tokenizer.words(key)
        if colon:
            keys = self._lexicon.keys.find(words)
            best = max(keys, key=lambda match: (match.form.weight, -match.start), default=None)
            return key.strip().lower(), text.strip(), ANY if best is None else best.form.column
        column = self._noun(words[:1])
        return ("", tag, column) if column and len(words) > 1 and self._keyed(column, tag) else ("", tag, ANY)

    def _noun(self, words: Sequence[str]) -> str:
        """The column that a word is the noun of: "Ärmel", "Ausschnitt"; empty for none."""
        columns = (match.form.column for match in self._lexicon.keys.find(words) if len(match.form.words) == 1)
        return next((column for column in columns if column in VALUES), "")

    # ---------------------------------------------------------------------------------------------- reading

    def _read_keyed(self, column: str, text: str) -> str | None:
        """The value that a text says of a column: empty for none, None where it is not understood."""
        understood = False
        for piece in self._pieces(text):
            matches = self._matches(piece, column if piece.is_head else "")
            own = [match for match in matches if match.form.column == column]
            if own:
                value = self._chosen(column, own)
                if value:
                    return value
                understood = True
            understood |= bool(self._lexicon.measures.intersection(piece.words))
        return "" if understood or not self._tokenizer.words(text) else None

    def _read_loose(self, text: str) -> Reading:
        """What a text says whose column nothing tells."""
        values: dict[str, str] = {}
        unknown: list[str] = []
        for piece in self._pieces(text):
            matches = self._matches(piece, self._noun(piece.words[-1:]) if len(piece.words) > 1 else "")
            for column in VALUES:
                own = [match for match in matches if match.form.column == column]
                if own and not values.get(column):
                    values[column] = self._chosen(column, own)
            unknown += self._unknown(piece.words)
        return Reading({column: value for column, value in values.items() if value}, tuple(dict.fromkeys(unknown)))

    def _pieces(self, text: str) -> Iterator[Piece]:
        is_head = True
        for segment in _SEGMENTS.split(text):
            piece: list[str] = []
            for word in self._tokenizer.words(segment):
                if word in self._lexicon.breaks or word in self._lexicon.negations:
                    if piece:
                        yield Piece(tuple(piece), is_head)
                    is_head = is_head and not piece
                    piece = [word]
                else:
                    piece.append(word)
            if piece:
                yield Piece(tuple(piece), is_head)
                is_head = False

    def _matches(self, piece: Piece, meant: str) -> list[Match]:
        """The forms in a piece that count: `meant` is the column that a key or a noun names."""
        if self._lexicon.measures.intersection(piece.words):
            return []
        return [
            match
            for match in self._lexicon.forms.find(piece.words)
            if (not match.form.after_key or match.form.column == meant)
            and not (match.start and piece.words[match.start - 1] in self._lexicon.negations)
        ]

    def _chosen(self, column: str, matches: list[Match]) -> str:
        """The one value of the forms of a column in a piece; empty where they all mean none."""
        saying = [match for match in matches if match.form.value]
        if not saying:
            return ""
        if any(match.form.weight >= OWN_WEIGHT for match in saying):
            saying = [match for match in saying if match.form.weight >= OWN_WEIGHT]
        if column == "category":  # the last noun is what the others describe: "Jersey Kleid", "Jeans Jacke"
            return max(saying, key=lambda match: (match.stop, match.form.weight)).form.value
        if column == "color":  # the first colour is the main one: "blau weiß gestreift"
            return max(saying, key=lambda match: (-match.start, match.form.weight)).form.value
        order = self._lexicon.order[column]
        return min(saying, key=lambda match: order.index(match.form.value)).form.value

    def _unknown(self, words: Sequence[str]) -> Iterator[str]:
        """The words that are of no form at all, whatever key it may need."""
        matches = (*self._lexicon.forms.find(words), *self._lexicon.keys.find(words))
        covered = {at for match in matches for at in range(match.start, match.stop)}
        own = self._lexicon.breaks | self._lexicon.negations | self._lexicon.measures
        for at, word in enumerate(words):
            if at not in covered and word not in own and self._is_telling(word):
                yield word

    def _is_telling(self, word: str) -> bool:
        return len(word) > 2 and word.isalpha() and not self._tokenizer.is_stop_word(word)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_EXAMPLE else text[: _LONGEST_EXAMPLE - 3] + "..."
