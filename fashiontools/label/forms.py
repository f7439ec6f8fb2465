"""Forms of words, as vocabulary files list them, and where they occur among the words of a text.

A form is one or several words. In each, `*` at the beginning or the end stands for any letters, `+` at the end for one
of the language's endings or none: `*kleid+` is in "Sommerkleider".
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

_OWN = 1000
"""Added to the weight of a user's own forms: they win over all that come with the program."""


def folded(text: str, fold: Mapping[str, str]) -> str:
    """The text without what tells spellings apart: case, and letters that some write as others (`ü` as `ue`)."""
    plain = unicodedata.normalize("NFC", text).casefold()
    for letter, others in fold.items():
        plain = plain.replace(letter, others)
    return plain


@dataclass(frozen=True)
class Word:
    """One word of a form.

    Attributes:
        texts: What it may be, folded.
        open_left: Whether any letters may stand before.
        open_right: Whether any letters may follow.
    """

    texts: frozenset[str]
    open_left: bool
    open_right: bool

    def matches(self, word: str) -> bool:
        """Whether a folded word is of this form."""
        if self.open_left and self.open_right:
            return any(text in word for text in self.texts)
        if self.open_left:
            return word.endswith(tuple(self.texts))
        return word.startswith(tuple(self.texts)) if self.open_right else word in self.texts


@dataclass(frozen=True)
class Form:
    """A form of a value.

    Attributes:
        column: The column that it is for.
        value: What it means; empty: nothing, it only looks like a form of a value.
        after_key: Whether it counts only where a key says which column is meant.
        words: Its words.
        weight: Its length: of two forms of one place the longer one is the more telling.
    """

    column: str
    value: str
    after_key: bool
    words: tuple[Word, ...]
    weight: int


class Match(NamedTuple):
    """A form at its place: words `start` to `stop`."""

    start: int
    stop: int
    form: Form


def form_of(
    text: str, column: str, value: str, *, endings: Sequence[str], fold: Mapping[str, str], after_key: bool, own: bool
) -> Form:
    """Read a form as it stands in a vocabulary file.

    Raises:
        ValueError: It has no letters, or a `*` or `+` where none can be.
    """
    words = tuple(_word(part, endings, fold) for part in text.replace("-", " ").replace("/", " ").split())
    if not words:
        raise ValueError("it is empty")
    weight = sum(min(map(len, word.texts)) for word in words) + _OWN * own
    return Form(column, value, after_key, words, weight)


def _word(part: str, endings: Sequence[str], fold: Mapping[str, str]) -> Word:
    body = part.removeprefix("*")
    open_left, open_right = body != part, body.endswith("*")
    stem = body.removesuffix("*") if open_right else body.removesuffix("+")
    if not stem.isalnum():
        raise ValueError(f"{part!r} is no word with * or + at its ends")
    texts = [stem + ending for ending in ("", *endings)] if body.endswith("+") else [stem]
    return Word(frozenset(folded(text, fold) for text in texts), open_left, open_right)


class Forms:
    """Finds forms among words; an index by the first word of each makes it fast.

    Args:
        forms: All of them.
        fold: Letters that some write as others.
    """

    def __init__(self, forms: Iterable[Form], fold: Mapping[str, str]) -> None:
        self._fold = fold
        self._whole: dict[str, list[Form]] = defaultdict(list)
        self._begin: dict[str, list[Form]] = defaultdict(list)
        self._end: dict[str, list[Form]] = defaultdict(list)
        self._within: dict[str, list[Form]] = defaultdict(list)
        for form in forms:
            first = form.words[0]
            both = self._within if first.open_right else self._end
            index = both if first.open_left else self._begin if first.open_right else self._whole
            for text in first.texts:
                index[text].append(form)
        self._beginning = lru_cache(maxsize=1 << 15)(self._look_up)

    def find(self, words: Sequence[str]) -> list[Match]:
        """All places of forms, but for those within a more telling one of the same column.

        That is one of more words ("u boot" hides "u"), or a longer one that means no value.
        """
        found = []
        for start, word in enumerate(words):
            for form in self._beginning(word):
                stop = start + len(form.words)
                rest = words[start + 1 : stop]
                if len(rest) == len(form.words) - 1 and all(
                    part.matches(folded(other, self._fold)) for part, other in zip(form.words[1:], rest, strict=True)
                ):
                    found.append(Match(start, stop, form))
        return [match for match in found if not any(_hides(other, match) for other in found)]

    def _look_up(self, word: str) -> tuple[Form, ...]:
        plain = folded(word, self._fold)
        forms = list(self._whole.get(plain, ()))
        for cut in range(len(plain) + 1):
            forms += self._begin.get(plain[:cut], ())
            forms += self._end.get(plain[cut:], ())
        forms += (form for text, others in self._within.items() if text in plain for form in others)
        return tuple(dict.fromkeys(forms))


def _hides(other: Match, match: Match) -> bool:
    if other.form.column != match.form.column or not (other.start <= match.start and match.stop <= other.stop):
        return False
    longer = other.stop - other.start > match.stop - match.start
    silences = bool(match.form.value) and not other.form.value and other.form.weight > match.form.weight
    return silences or (longer and other.form.weight > match.form.weight)
