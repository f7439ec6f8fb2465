"""Words of descriptions and their numbers: spaCy's English tokenizer, lower case, four special tokens."""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache
from typing import Any

import numpy as np

PAD, UNKNOWN, START, END = "<pad>", "<unk>", "<sos>", "<eos>"
SPECIAL = (PAD, UNKNOWN, START, END)


@cache
def _tokenizer() -> Any:
    import spacy

    return spacy.blank("en").tokenizer


def tokens_of(text: str) -> list[str]:
    """The words and signs of a text, in lower case, without white space."""
    return [token.text.lower() for token in _tokenizer()(text) if not token.is_space]


class Vocabulary:
    """The words that a model knows.

    Args:
        words: By number; the special tokens are the first four.
    """

    def __init__(self, words: list[str]) -> None:
        self.words = words
        self._numbers = {word: number for number, word in enumerate(words)}

    @classmethod
    def of(cls, texts: Iterable[str], least: int, most: int) -> "Vocabulary":
        """The vocabulary of some texts: the most frequent words, equally frequent ones by the alphabet.

        Args:
            texts: The descriptions.
            least: Words seen more seldom are unknown.
            most: How many words there are at most, the special tokens not counted.
        """
        counts = Counter(token for text in texts for token in tokens_of(text))
        known = sorted(
            (word for word, count in counts.items() if count >= least), key=lambda word: (-counts[word], word)
        )
        return cls([*SPECIAL, *known[:most]])

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """The vocabulary that `to_json` wrote.

        Raises:
            ValueError: It is none.
        """
        words = json.loads(text)
        if not isinstance(words, list) or tuple(words[: len(SPECIAL)]) != SPECIAL:
            raise ValueError("not a vocabulary")
        return cls(words)

    def to_json(self) -> str:
        """All words in a JSON list."""
        return json.dumps(self.words, ensure_ascii=False, indent=0) + "\n"

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, texts: Iterable[str], length: int) -> np.ndarray:
        """Numbers of the words of each text, between start and end, filled up with padding.

        Args:
            texts: N descriptions; an empty one is start and end alone.
            length: Numbers of each; of a longer text the first words are kept, and the end.

        Returns:
            (N, length) int64.
        """
        unknown, pad = self._numbers[UNKNOWN], self._numbers[PAD]
        lines = []
        for text in texts:
            known = [self._numbers.get(token, unknown) for token in tokens_of(text)][: length - 2]
            line = [self._numbers[START], *known, self._numbers[END]]
            lines.append(line + [pad] * (length - len(line)))
        return np.array(lines, np.int64).reshape(-1, length)
