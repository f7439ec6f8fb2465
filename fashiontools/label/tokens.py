"""Texts as words: spaCy's tokenizer of the language, split further at hyphens, in lower case."""

import re
import unicodedata
from functools import lru_cache

from fashiontools.core.errors import UsageError

_PARTS = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+")
_MOST_STRINGS = 300_000
"""spaCy remembers every string that it met: after so many it is built anew, so that a long stream has room."""


class Tokenizer:
    """Splits texts into words and numbers, without signs.

    Args:
        language: As spaCy has it: `de`, `en`.

    Raises:
        UsageError: spaCy has no such language.
    """

    def __init__(self, language: str) -> None:
        self._language = language
        self._build()
        self.words = lru_cache(maxsize=1 << 14)(self._words)

    def _build(self) -> None:
        import spacy

        try:
            self._nlp = spacy.blank(self._language)
        except ImportError:
            raise UsageError(f"spaCy cannot split texts of the language {self._language!r} into words") from None

    def _words(self, text: str) -> tuple[str, ...]:
        """The words of a text: "V-Ausschnitt" is ("v", "ausschnitt"), "7/8" is ("7", "8")."""
        if len(self._nlp.vocab.strings) > _MOST_STRINGS:
            self._build()
        plain = unicodedata.normalize("NFC", text).replace("\u00ad", "").lower()
        return tuple(part for token in self._nlp.tokenizer(plain) for part in _PARTS.findall(token.text))

    def is_stop_word(self, word: str) -> bool:
        """Whether a word is one of the language's that say nothing by themselves."""
        return bool(self._nlp.vocab[word].is_stop)
