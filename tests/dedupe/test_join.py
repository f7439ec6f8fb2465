"""The join: against comparing all with all, and that equal hashes stay cheap."""

from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.dedupe.join import PIECE, choose_bands, collapse, join, self_join

Triples = set[tuple[int, int, int]]
_KEPT = np.uint64(0x8001_8000_0001_C003)


def _brute(queries: np.ndarray, base: np.ndarray, distance: int) -> Triples:
    differing = np.bitwise_count(queries[:, None] ^ base[None])
    return {(int(q), int(b), int(differing[q, b])) for q, b in zip(*np.nonzero(differing <= distance), strict=True)}


def _listed(pieces: object) -> list[tuple[int, int, int]]:
    return [row for piece in pieces for row in zip(*(part.tolist() for part in piece), strict=True)]


def _near(seed: int, count: int, flips: int) -> np.ndarray:
    """Draws hashes of which many are near one another."""
    rng = np.random.default_rng(seed)
    hashes = rng.choice(rng.integers(0, 2**64, max(1, count // 8), np.uint64), count)
    for _ in range(flips):
        hashes ^= np.where(rng.random(count) < 0.7, np.uint64(1) << rng.integers(0, 64, count).astype(np.uint64), 0)
    return hashes


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 60), st.integers(0, 60), st.integers(0, 12), st.integers(0, 12))
def test_join_finds_what_brute_force_finds(seed: int, queries: int, base: int, flips: int, distance: int) -> None:
    hashes = _near(seed, queries + base, flips)
    found = _listed(join(hashes[:queries], hashes[queries:], distance))
    assert len(found) == len(set(found))
    assert set(found) == _brute(hashes[:queries], hashes[queries:], distance)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 80), st.integers(0, 12), st.integers(0, 12))
def test_self_join_finds_each_pair_once(seed: int, count: int, flips: int, distance: int) -> None:
    hashes = _near(seed, count, flips)
    found = _listed(self_join(hashes, distance))
    assert len(found) == len(set(found))
    assert set(found) == {row for row in _brute(hashes, hashes, distance) if row[0] < row[1]}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=30), st.integers(0, 3))
def test_join_of_any_hashes(values: list[int], distance: int) -> None:
    hashes = np.array(values, np.uint64) & _KEPT  # few bits are left, so that many hashes are equal or near
    assert set(_listed(join(hashes, hashes, distance))) == _brute(hashes, hashes, distance)


@pytest.mark.parametrize("distance", [0, 3, 6, 7, 8, 10])
def test_join_of_thousands(distance: int) -> None:
    hashes = _near(distance, 3000, 6)
    found = _listed(self_join(hashes, distance))
    assert len(found) == len(set(found))
    assert set(found) == {row for row in _brute(hashes, hashes, distance) if row[0] < row[1]}


@pytest.mark.parametrize("distance", range(13))
@pytest.mark.parametrize("size", [10, 10_000, 3_000_000])
def test_bands_cannot_miss(distance: int, size: int) -> None:
    bands = choose_bands(distance, size, size)
    assert sum(band.flips + 1 for band in bands) == distance + 1
    bits = [bit for band in bands for bit in range(band.shift, band.shift + band.width)]
    assert len(bits) == len(set(bits))
    assert set(bits) <= set(range(64))
    assert all(band.width <= 22 for band in bands)


def test_distance_to_the_edge_of_a_band() -> None:
    base = np.zeros(1, np.uint64)
    queries = np.array([0x1, 0x8000000000000000, 0xFF, 0x0101010101010101, 0x1FF], np.uint64)
    assert set(_listed(join(queries, base, 8))) == {(0, 0, 1), (1, 0, 1), (2, 0, 8), (3, 0, 8)}


def test_order_is_repeatable() -> None:
    hashes = _near(3, 2000, 5)
    assert _listed(self_join(hashes, 7)) == _listed(self_join(hashes, 7))


def test_collapse_groups_in_order() -> None:
    values, order, starts = collapse(np.array([5, 3, 5, 9, 3, 5], np.uint64))
    assert values.tolist() == [3, 5, 9]
    assert order.tolist() == [1, 4, 0, 2, 5, 3]
    assert starts.tolist() == [0, 2, 5, 6]


def test_collapse_of_nothing() -> None:
    values, order, starts = collapse(np.empty(0, np.uint64))
    assert (len(values), len(order), starts.tolist()) == (0, 0, [0])


def test_twenty_thousand_equal_hashes_come_in_pieces() -> None:
    equal = np.full(20_000, 77, np.uint64)
    for pieces in (join(equal, equal, 7), self_join(equal, 7)):
        first, second, differing = next(iter(pieces))
        assert len(first) == len(second) == len(differing) <= PIECE
        assert not differing.any()
    assert sum(len(first) for first, _, _ in islice(join(equal, equal, 7), 10)) == 10 * PIECE


def test_equal_hashes_joined_as_values_cost_one() -> None:
    hashes = np.append(np.full(20_000, 77, np.uint64), np.uint64(76))
    values = collapse(hashes).values
    assert _listed(self_join(values, 7)) == [(0, 1, 1)]


def test_all_equal_pairs_are_given() -> None:
    pairs = _listed(self_join(np.full(900, 5, np.uint64), 0))
    assert len(pairs) == len(set(pairs)) == 900 * 899 // 2
