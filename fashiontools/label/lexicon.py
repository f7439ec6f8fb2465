"""Vocabulary files: which forms mean which value, one TOML file per language, and a user's own on top of it."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fashiontools.core.errors import UsageError, near
from fashiontools.label.columns import VALUES
from fashiontools.label.forms import Form, Forms, form_of

FOLDER = Path(__file__).parent / "vocabulary"
NONE = "none"
AFTER_KEY = "after-key"
ANY = "any"
_LISTS = ("endings", "breaks", "negations", "measures", "known")
_TABLES = ("fold", "keys", *VALUES)
_VALUE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True)
class Lexicon:
    """What is known of a language.

    Attributes:
        language: Its name, as spaCy has it.
        values: The values of each column: the seed's, then those that the files add.
        order: The values of each column in the order of the files: where several fit, the first one is taken.
        forms: All forms of values, and those that are `known` to mean none.
        keys: The forms of keys; their column is that of a tag's text, `any` where it is read like a text without key,
            empty where it says nothing.
        breaks: Words that end what a text is about: "mit", "von".
        negations: Words after which a form does not count: "ohne".
        measures: Words of texts that measure: "cm".
        digest: Of the files.
    """

    language: str
    values: dict[str, tuple[str, ...]]
    order: dict[str, tuple[str, ...]]
    forms: Forms
    keys: Forms
    breaks: frozenset[str]
    negations: frozenset[str]
    measures: frozenset[str]
    digest: str


def languages() -> list[str]:
    """The languages that there are: a file for each."""
    return sorted(file.stem for file in FOLDER.glob("*.toml"))


def read_lexicon(language: str, own: Path | None = None) -> Lexicon:
    """Read the vocabulary of a language.

    Args:
        language: One of `languages()`.
        own: A user's own file, whose forms win over all others.

    Raises:
        UsageError: The language is unknown, or a file cannot be read as a vocabulary.
    """
    if language not in languages():
        raise UsageError(f"--language: unknown language {language!r}: {near(language, languages())}")
    files = [_read(FOLDER / f"{language}.toml")] + ([_read(own)] if own is not None else [])
    return _Builder(files).lexicon(language)


@dataclass(frozen=True)
class _File:
    """A vocabulary file that was found good as far as lists and tables go."""

    path: Path
    data: bytes
    tables: dict[str, Any] = field(hash=False)

    def refuse(self, place: str, problem: str) -> UsageError:
        return UsageError(f"{self.path}: {place}: {problem}")


def _read(path: Path) -> _File:
    try:
        data = path.read_bytes()
        file = _File(path, data, tomllib.loads(data.decode("utf-8-sig").replace("\r\n", "\n")))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: not TOML: {error}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path}: not UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from None
    for name, content in file.tables.items():
        if name not in _LISTS + _TABLES:
            raise file.refuse(name, f"no such list or table; {near(name, _LISTS + _TABLES)}")
        if name in _LISTS:
            _check_list(file, name, content)
        elif not isinstance(content, dict):
            raise file.refuse(name, f"expected a table: [{name}]")
    return file


def _check_list(file: _File, place: str, content: object) -> None:
    if not isinstance(content, list) or not all(isinstance(text, str) and text.strip() for text in content):
        raise file.refuse(place, 'expected a list of words: ["one", "two"]')


class _Builder:
    """Puts files together, the language's own first."""

    def __init__(self, files: list[_File]) -> None:
        self._files = files
        self._endings = self._list("endings")
        self._fold = {}
        for file in files:
            for letter, others in file.tables.get("fold", {}).items():
                if not isinstance(others, str):
                    raise file.refuse(f"[fold] {letter}", 'expected letters: "ae"')
                self._fold[letter] = others

    def lexicon(self, language: str) -> Lexicon:
        forms = [form for number in range(len(self._files)) for form in self._forms(number)]
        keys = [form for number in range(len(self._files)) for form in self._keys(number)]
        order = self._order()
        added = {column: [value for value in order[column] if value not in VALUES[column]] for column in VALUES}
        return Lexicon(
            language=language,
            values={column: (*VALUES[column], *added[column]) for column in VALUES},
            order=order,
            forms=Forms(forms, self._fold),
            keys=Forms(keys, self._fold),
            breaks=frozenset(self._list("breaks")),
            negations=frozenset(self._list("negations")),
            measures=frozenset(self._list("measures")),
            digest=hashlib.sha256(b"\0".join([language.encode(), *(file.data for file in self._files)])).hexdigest(),
        )

    def _list(self, name: str) -> list[str]:
        return [text.lower() for file in self._files for text in file.tables.get(name, [])]

    def _order(self) -> dict[str, tuple[str, ...]]:
        """The values of each column by their first mention in the files; those without forms come last."""
        order = {}
        for column, values in VALUES.items():
            tables = [file.tables.get(column, {}) for file in self._files]
            named = [value for table in tables for value in (*table, *table.get(AFTER_KEY, {}))]
            order[column] = tuple(value for value in dict.fromkeys([*named, *values]) if value not in (NONE, AFTER_KEY))
        return order

    def _forms(self, number: int) -> Iterator[Form]:
        tables = self._files[number].tables
        for column in VALUES:
            table = dict(tables.get(column, {}))
            after_key = table.pop(AFTER_KEY, {})
            if not isinstance(after_key, dict):
                raise self._files[number].refuse(f"[{column}]", f"{AFTER_KEY} is a table: [{column}.{AFTER_KEY}]")
            yield from self._listed(number, column, table, after_key=False)
            yield from self._listed(number, column, after_key, after_key=True)
        for text in tables.get("known", []):
            yield self._form(number, "known", "", "", text)

    def _listed(self, number: int, column: str, table: dict[str, Any], *, after_key: bool) -> Iterator[Form]:
        file = self._files[number]
        title = f"[{column}.{AFTER_KEY}]" if after_key else f"[{column}]"
        for value, texts in table.items():
            if not _VALUE.fullmatch(value):
                raise file.refuse(f"{title} {value}", "a value is lower-case letters and digits, with - between them")
            _check_list(file, f"{title} {value}", texts)
            for text in texts:
                place = f"{title} {value}"
                yield self._form(number, place, column, "" if value == NONE else value, text, after_key=after_key)

    def _keys(self, number: int) -> Iterator[Form]:
        file = self._files[number]
        for column, texts in file.tables.get("keys", {}).items():
            if column not in (*VALUES, ANY, NONE):
                raise file.refuse(f"[keys] {column}", f"no such column; {near(column, (*VALUES, ANY, NONE))}")
            _check_list(file, f"[keys] {column}", texts)
            for text in texts:
                yield self._form(number, f"[keys] {column}", "" if column == NONE else column, "key", text)

    def _form(self, number: int, place: str, column: str, value: str, text: str, *, after_key: bool = False) -> Form:
        try:
            return form_of(
                text,
                column,
                value,
                endings=self._endings,
                fold=self._fold,
                after_key=after_key,
                own=number > 0,
            )
        except ValueError as error:
            raise self._files[number].refuse(place, f"{text!r}: {error}") from None
