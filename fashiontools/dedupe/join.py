"""Finds all pairs of 64-bit hashes that differ in few bits, without comparing all with all.

Hashes are split into bands. If two hashes differ in at most d bits, and band i is allowed f(i) differing bits with
sum(f(i) + 1) = d + 1, then some band keeps its allowance: otherwise more than d bits would differ. So for each band the
hashes are sorted by it, and each query looks up its own band and all that differ from it in at most f(i) bits. Who is
found there is compared in full, so the result is exact; a pair is given by the first band that finds it, so once.

Equal hashes are joined once and their pairs written out afterwards, in pieces: a thousand blank photos cost as much as
one until somebody asks for their pairs. A caller that does not want the million pairs among them joins
`collapse(...).values` and keeps the members of each value together.
"""

from collections.abc import Iterator
from itertools import combinations, pairwise
from math import comb
from typing import NamedTuple

import numpy as np

BITS = 64
"""Bits of a hash."""

PIECE = 1 << 18
"""Candidates or pairs handled at once: two megabytes an array, which stays in the cache; less costs more in Python."""

Pairs = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Positions in the first array (int64), positions in the second (int64) and differing bits (uint8), one each a pair."""

_WIDEST = 22  # bits of a band: its table of 4 million positions takes 17 MB
_LOOKUP_COST = 3  # reading one place of the table against comparing one candidate


class Collapsed(NamedTuple):
    """Hashes with equal ones brought together.

    Attributes:
        values: The distinct hashes in rising order, uint64 of shape (values,).
        order: Positions in the original array, grouped by value, rising inside a group, int64 of shape (hashes,).
        starts: Group k is `order[starts[k]:starts[k + 1]]`, int64 of shape (values + 1,).
    """

    values: np.ndarray
    order: np.ndarray
    starts: np.ndarray


class Band(NamedTuple):
    """Some neighbouring bits of a hash and how many of them may differ.

    Attributes:
        shift: Position of the lowest bit.
        width: Number of bits.
        flips: How many may differ.
    """

    shift: int
    width: int
    flips: int


def collapse(hashes: np.ndarray) -> Collapsed:
    """Brings equal hashes together.

    Args:
        hashes: uint64 of shape (hashes,).

    Returns:
        The distinct hashes and where each stands.
    """
    order = np.argsort(hashes, kind="stable")
    ordered = hashes[order]
    first = np.ones(len(hashes), bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return Collapsed(ordered[first], order, np.append(np.flatnonzero(first), len(hashes)))


def choose_bands(distance: int, queries: int, base: int) -> list[Band]:
    """Chooses the cheapest split that cannot miss a pair.

    Args:
        distance: Bits that may differ, in [0, 63].
        queries: Number of hashes that look up.
        base: Number of hashes that are looked up.

    Returns:
        The bands that are looked up; fewer bits allowed than there are bands leaves bands out.
    """
    plans = []
    for count in range(-(-BITS // _WIDEST), 17):
        edges = [BITS * k // count for k in range(count + 1)]
        # distance + 1 = sum(flips + 1): shared out evenly, a band with 0 shares is not looked up.
        shares = [(distance + 1) // count + (k < (distance + 1) % count) for k in range(count)]
        plan = [Band(edges[k], edges[k + 1] - edges[k], shares[k] - 1) for k in range(count) if shares[k]]
        looked = [(sum(comb(band.width, k) for k in range(band.flips + 1)), band.width) for band in plan]
        cost = sum(places * queries * (_LOOKUP_COST + base / 2**width) for places, width in looked)
        plans.append((cost, plan))
    return min(plans)[1]


def _keys(hashes: np.ndarray, band: Band) -> np.ndarray:
    """Cuts a band out of hashes: uint32, or uint16 where that is enough because it sorts faster."""
    keys = (hashes >> np.uint64(band.shift)) & np.uint64((1 << band.width) - 1)
    return keys.astype(np.uint16 if band.width <= 16 else np.uint32)


def _masks(band: Band) -> Iterator[int]:
    """Lists all ways in which a band may differ, beginning with no difference."""
    for flips in range(band.flips + 1):
        for places in combinations(range(band.width), flips):
            yield sum(1 << place for place in places)


def _pieces(counts: np.ndarray) -> list[slice]:
    """Cuts a list of queries where their candidates reach `PIECE`; a query with more stands alone."""
    ends = np.cumsum(counts)
    if not len(ends):
        return []
    cuts = np.searchsorted(ends, np.arange(PIECE, ends[-1] + PIECE, PIECE), side="left") + 1
    cuts = np.append(0, np.minimum(cuts, len(ends)))
    return [slice(low, high) for low, high in pairwise(cuts) if low < high]


def _compare(queries: np.ndarray, starts: np.ndarray, counts: np.ndarray, base: np.ndarray, distance: int) -> Pairs:
    """Compares each query with a run of neighbours in the base.

    Args:
        queries: uint64 of shape (q,).
        starts: Where each query's run begins, int64 of shape (q,).
        counts: How long it is, int64 of shape (q,).
        base: uint64 of shape (b,).
        distance: Bits that may differ.

    Returns:
        Pairs of positions in `queries` and `base`.
    """
    ends = np.cumsum(counts)
    places = np.repeat(starts - ends + counts, counts)
    places += np.arange(len(places))
    differing = np.bitwise_count(np.repeat(queries, counts) ^ base.take(places))
    hits = np.flatnonzero(differing <= distance)
    return np.searchsorted(ends, hits, side="right"), places[hits], differing[hits]


def _join_band(queries: np.ndarray, base: np.ndarray, bands: list[Band], distance: int) -> Iterator[Pairs]:
    """Joins distinct hashes that agree in the last of some bands and in none of those before.

    Args:
        queries: Distinct hashes, uint64.
        base: Distinct hashes, uint64; the very same array for a self join, which gives each pair once.
        bands: The band to look up, after those that were looked up already.
        distance: Bits that may differ.

    Yields:
        Pairs of positions.
    """
    *earlier, band = bands
    own = queries is base
    base_order = np.argsort(_keys(base, band), kind="stable")
    base_sorted = base[base_order]
    table = np.append(0, np.cumsum(np.bincount(_keys(base, band), minlength=1 << band.width)))
    # Queries in the order of their band read the table and the base from front to back.
    order = base_order if own else np.argsort(_keys(queries, band), kind="stable")
    ordered = queries[order]
    keys = _keys(ordered, band)
    for mask in _masks(band):
        looked = keys ^ keys.dtype.type(mask)
        counts = table[looked.astype(np.int64) + 1] - table[looked]
        # In a self join the lower of two unlike bands looks up the higher one, and not the other way round as well.
        asking = np.flatnonzero((counts > 0) & (looked > keys)) if own and mask else np.flatnonzero(counts)
        looked, counts = looked[asking], counts[asking]
        for part in _pieces(counts):
            found = _compare(ordered[asking[part]], table[looked[part]], counts[part], base_sorted, distance)
            left, right = order[asking[part]][found[0]], base_order[found[1]]
            fresh = left < right if own and not mask else np.ones(len(left), bool)
            for other in earlier:
                fresh &= np.bitwise_count(_keys(queries[left] ^ base[right], other)) > other.flips
            yield left[fresh], right[fresh], found[2][fresh]


def _join_distinct(queries: np.ndarray, base: np.ndarray, distance: int) -> Iterator[Pairs]:
    """Joins distinct hashes over all bands; arguments and pairs as in `_join_band`."""
    bands = choose_bands(distance, len(queries), len(base))
    for number in range(len(bands)):
        yield from _join_band(queries, base, bands[: number + 1], distance)


def _write_out(pairs: Pairs, left: Collapsed, right: Collapsed) -> Iterator[Pairs]:
    """Turns pairs of distinct hashes into all pairs of their members, at most `PIECE` at a time.

    Args:
        pairs: Positions in `left.values` and `right.values`.
        left: The first hashes.
        right: The second hashes.

    Yields:
        Pairs of positions in the original arrays.
    """
    rows, columns, differing = pairs
    widths = np.diff(right.starts)[columns]
    ends = np.cumsum(np.diff(left.starts)[rows] * widths)
    total = int(ends[-1]) if len(ends) else 0
    begins = np.append(0, ends[:-1])
    for low in range(0, total, PIECE):
        flat = np.arange(low, min(low + PIECE, total))
        pair = np.searchsorted(ends, flat, side="right")
        row, column = np.divmod(flat - begins[pair], widths[pair])
        first = left.order[left.starts[rows[pair]] + row]
        yield first, right.order[right.starts[columns[pair]] + column], differing[pair]


def join(queries: np.ndarray, base: np.ndarray, distance: int) -> Iterator[Pairs]:
    """Finds all pairs of a query and a base hash that differ in few bits.

    Args:
        queries: uint64 of shape (queries,).
        base: uint64 of shape (base,).
        distance: Bits that may differ, in [0, 63]; made for up to about 10.

    Yields:
        Pieces of pairs (query, base, differing bits), each pair once.
    """
    left, right = collapse(queries), collapse(base)
    for pairs in _join_distinct(left.values, right.values, distance):
        yield from _write_out(pairs, left, right)


def self_join(hashes: np.ndarray, distance: int) -> Iterator[Pairs]:
    """Finds all pairs among hashes that differ in few bits.

    Args:
        hashes: uint64 of shape (hashes,).
        distance: Bits that may differ, in [0, 63]; made for up to about 10.

    Yields:
        Pieces of pairs (first, second, differing bits), each pair once and first < second.
    """
    groups = collapse(hashes)
    equal = np.flatnonzero(np.diff(groups.starts) > 1)
    for first, second, differing in _write_out((equal, equal, np.zeros(len(equal), np.uint8)), groups, groups):
        below = first < second
        yield first[below], second[below], differing[below]
    for pairs in _join_distinct(groups.values, groups.values, distance):
        for first, second, differing in _write_out(pairs, groups, groups):
            yield np.minimum(first, second), np.maximum(first, second), differing
