"""Star groups: against a slow oracle that looks at one pair after the other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.dedupe.proposals import Pairs, joined
from fashiontools.dedupe.stars import drop_copies


class Graph:
    """Proposals and scores that are drawn: pairs of photos, some of them copies."""

    def __init__(self, count: int, links: dict[tuple[int, int], bool]) -> None:
        self.links = links
        self.ways = np.array([sum(photo in link for link in links) for photo in range(count)])

    def of(self, photos: np.ndarray) -> tuple[Pairs, np.ndarray]:
        found = [self._of(int(photo)) for photo in photos]
        return joined(found), np.repeat(np.arange(len(photos)), [len(pairs.copy) for pairs in found])

    def _of(self, photo: int) -> Pairs:
        others = sorted({a + b - photo for a, b in self.links if photo in (a, b)})
        number = len(others)
        return Pairs(
            np.full(number, photo),
            np.array(others, np.int64),
            np.zeros(number, np.int64),
            np.zeros(number, bool),
            np.zeros(number, np.uint8),
        )

    def scores(self, pairs: Pairs) -> np.ndarray:
        keys = zip(np.minimum(pairs.copy, pairs.original), np.maximum(pairs.copy, pairs.original), strict=True)
        return np.array([float(self.links[int(a), int(b)]) for a, b in keys], np.float32)


def greedy(count: int, links: dict[tuple[int, int], bool], rank: np.ndarray, protected: np.ndarray) -> dict[int, int]:
    """The definition: by rank, each photo is dropped where it is a copy of a better one that is kept."""
    dropped: dict[int, int] = {}
    order = list(map(int, np.argsort(rank)))
    for place, photo in enumerate(order):
        if protected[photo]:
            continue
        homes = [b for b in order[:place] if b not in dropped and links.get((min(photo, b), max(photo, b)))]
        if homes:
            dropped[photo] = homes[0]
    return dropped


@st.composite
def graphs(draw: st.DrawFn) -> tuple[int, dict[tuple[int, int], bool], np.ndarray, np.ndarray]:
    count = draw(st.integers(1, 9))
    pairs = [(a, b) for a in range(count) for b in range(a + 1, count)]
    links = {pair: draw(st.booleans()) for pair in pairs if draw(st.booleans())}
    rank = np.array(draw(st.permutations(range(count))))
    protected = rank < draw(st.integers(0, 2))
    return count, links, rank, protected


@given(graphs())
@settings(max_examples=400, deadline=None)
def test_stars_are_what_the_definition_says(drawn) -> None:
    count, links, rank, protected = drawn
    graph = Graph(count, links)
    found = drop_copies(graph, rank, protected, graph.scores, 0.5)
    assert set(found) == set(greedy(count, links, rank, protected))
    for photo, match in found.items():
        assert match.kept not in found
        assert rank[match.kept] < rank[photo]
        assert links[min(photo, match.kept), max(photo, match.kept)]


@pytest.mark.parametrize("count", [2, 50])
def test_a_clique_keeps_the_best_ranked_alone(count: int) -> None:
    links = {(a, b): True for a in range(count) for b in range(a + 1, count)}
    rank = np.arange(count)[::-1].copy()
    graph = Graph(count, links)
    found = drop_copies(graph, rank, np.zeros(count, bool), graph.scores, 0.5)
    assert {match.kept for match in found.values()} == {count - 1}
    assert len(found) == count - 1
