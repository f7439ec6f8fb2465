"""Descriptions: the vocabulary against hand counts, the encoder against its paper and itself."""

import json

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.models.registry import MODELS
from fashiontools.models.text.lstm import TextEncoder
from fashiontools.models.text.vocabulary import SPECIAL, Vocabulary, tokens_of

TEXTS = ["A red dress, red!", "a Red coat", "The coat; the dress", "a"]


# -------------------------------------------------------------------------------------------------------- vocabulary


def test_tokens_are_spacys_in_lower_case() -> None:
    """Signs are words, contractions and hyphens are split as spaCy's English rules say, white space is none."""
    assert tokens_of("  It's a T-shirt,\n\tdon't wash at 30°C!  $5 ") == [
        "it", "'s", "a", "t", "-", "shirt", ",", "do", "n't", "wash", "at", "30", "°", "c", "!", "$", "5",
    ]  # fmt: skip


def test_words_are_ordered_by_count_and_then_by_the_alphabet() -> None:
    assert Vocabulary.of(TEXTS, least=1, most=100).words == [
        *("<pad>", "<unk>", "<sos>", "<eos>"),
        *("a", "red", "coat", "dress", "the", "!", ",", ";"),
    ]


def test_rare_words_and_those_beyond_the_most_are_unknown() -> None:
    assert Vocabulary.of(TEXTS, least=3, most=100).words[4:] == ["a", "red"]
    assert Vocabulary.of(TEXTS, least=2, most=3).words[4:] == ["a", "red", "coat"]
    assert Vocabulary.of([], least=1, most=5).words == list(SPECIAL)
    assert len(Vocabulary.of(TEXTS, least=3, most=100)) == 6


def test_encoding_by_hand() -> None:
    vocabulary = Vocabulary.of(TEXTS, least=2, most=100)
    numbers = vocabulary.encode(["A coat in RED", "", "   "], 8)
    assert numbers.dtype == np.int64
    a, red, coat = (vocabulary.words.index(word) for word in ("a", "red", "coat"))
    assert numbers.tolist() == [[2, a, coat, 1, red, 3, 0, 0], [2, 3, 0, 0, 0, 0, 0, 0], [2, 3, 0, 0, 0, 0, 0, 0]]


def test_of_long_texts_the_first_words_are_kept_and_the_end() -> None:
    vocabulary = Vocabulary.of(["a b c d"], least=1, most=9)
    a, b, c = (vocabulary.words.index(word) for word in "abc")
    assert vocabulary.encode(["a b c d a a", "a b c"], 5).tolist() == [[2, a, b, c, 3]] * 2
    assert vocabulary.encode(["a b c d"], 3).tolist() == [[2, a, 3]]


def test_no_texts_are_no_lines() -> None:
    assert Vocabulary.of(TEXTS, 1, 9).encode([], 7).shape == (0, 7)


@settings(max_examples=50)
@given(st.lists(st.text(max_size=40), min_size=1, max_size=6), st.integers(3, 12))
def test_any_text_can_be_encoded_and_written(texts: list[str], length: int) -> None:
    """A description can not fake padding, a start or an end, and the JSON brings the very same numbers back."""
    vocabulary = Vocabulary.of([*texts, "<pad> <eos> <unk> <sos>"], least=1, most=1000)
    assert len(set(vocabulary.words)) == len(vocabulary.words)
    again = Vocabulary.from_json(vocabulary.to_json())
    for one in (vocabulary.encode(texts, length), again.encode(texts, length)):
        assert one.shape == (len(texts), length)
        for line in one.tolist():
            end = line.index(3)
            assert line[0] == 2
            assert all(number not in (0, 2, 3) for number in line[1:end])
            assert line[end + 1 :] == [0] * (length - end - 1)
    assert again.words == vocabulary.words


def test_the_file_is_json_that_one_can_read() -> None:
    text = Vocabulary.of(["ein schönes Kleid"], 1, 9).to_json()
    assert "schönes" in text
    assert json.loads(text)[:4] == ["<pad>", "<unk>", "<sos>", "<eos>"]


@pytest.mark.parametrize("text", ["", "{", "{}", "[]", '["a", "b"]', "3"])
def test_what_is_no_vocabulary_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Vocabulary.from_json(text)


# ----------------------------------------------------------------------------------------------------------- encoder


def test_it_is_section_3_1s() -> None:
    """32-d words, three bidirectional layers of 1024 units, dropout, linear, ReLU to 128: 59 million weights."""
    with torch.device("meta"):
        encoder = TextEncoder(10_000)
    lstm = encoder.lstm
    assert encoder.embedding.weight.shape == (10_000, 32)
    assert (lstm.input_size, lstm.hidden_size, lstm.num_layers, lstm.bidirectional) == (32, 1024, 3, True)
    assert [type(layer).__name__ for layer in encoder.head] == ["Dropout", "Linear", "ReLU"]
    assert encoder.head[1].out_features == 128
    assert (lstm.dropout, encoder.head[0].p) == (0.25, 0.25)
    first, other = (2 * 4 * 1024 * (read + 1024 + 2) for read in (32, 2048))
    assert sum(p.numel() for p in lstm.parameters()) == first + 2 * other == 59_031_552


def encoder_of(words: int = 30) -> TextEncoder:
    torch.manual_seed(0)
    return TextEncoder(words, width=8, features=16).eval()


def line(*numbers: int, length: int) -> torch.Tensor:
    return torch.tensor([[*numbers, *[0] * (length - len(numbers))]])


def test_padding_is_not_read() -> None:
    encoder, words = encoder_of(), (2, 7, 9, 11, 3)
    short, long = (encoder(line(*words, length=length)) for length in (5, 32))
    assert torch.equal(short, long)
    assert not torch.equal(short, encoder(line(2, 7, 9, 12, 3, length=5)))
    assert not torch.equal(short, encoder(line(2, 9, 7, 11, 3, length=5))), "the order counts"


def test_neighbours_in_a_batch_do_not_matter() -> None:
    encoder = encoder_of()
    lines = [line(2, 7, 3, length=12), line(2, *range(4, 14), length=12), line(2, 3, length=12)]
    together = encoder(torch.cat(lines))
    for alone, found in zip(lines, together, strict=True):
        assert torch.allclose(encoder(alone)[0], found, atol=1e-6)


def test_both_ends_are_read() -> None:
    """Forwards at the last word, backwards at the first; its gradient reaches every word."""
    encoder = encoder_of()
    words = line(2, 7, 8, 9, 3, length=9)
    output, _ = encoder.lstm(encoder.embedding(words[:, :5]))
    ends = torch.cat([output[:, -1, :8], output[:, 0, 8:]], dim=1)
    assert torch.allclose(encoder(words), (ends @ encoder.head[1].weight.T + encoder.head[1].bias).relu(), atol=1e-6)
    encoder(words).sum().backward()
    touched = encoder.embedding.weight.grad.abs().sum(dim=1) > 0
    assert torch.nonzero(touched).flatten().tolist() == [2, 3, 7, 8, 9]


def test_the_vector_is_not_negative_and_dropout_is_off_in_evaluation() -> None:
    encoder, words = encoder_of(), line(2, 5, 6, 3, length=6)
    assert (encoder(words) >= 0).all()
    assert torch.equal(encoder(words), encoder(words))
    encoder.train()
    assert len({tuple(encoder(words)[0].tolist()) for _ in range(8)}) > 1


def test_the_registry_builds_it() -> None:
    assert MODELS["text-encoder"].load() is TextEncoder
