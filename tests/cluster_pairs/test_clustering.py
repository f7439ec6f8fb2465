"""K-means from a file, and what a cluster and a choice are judged by."""

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from fashiontools.cluster_pairs import clustering
from fashiontools.cluster_pairs.choosing import by_full_body, full_body_score, rank
from fashiontools.cluster_pairs.clustering import Clusters, find_clusters
from fashiontools.cluster_pairs.splitting import UnionFind, draw_splits
from fashiontools.cluster_pairs.views import face_score, view_of
from fashiontools.core.progress import Progress

Person = Callable[[tuple[int, int]], np.ndarray]
QUIET = Progress("", quiet=True)


def blobs(count: int, k: int = 3, values: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Points around k corners, and whose each is; uint8."""
    rng = np.random.default_rng(7)
    whose = rng.integers(0, k, count)
    centres = rng.integers(60, 200, (k, values))
    return np.clip(centres[whose] + rng.normal(0, 12, (count, values)), 0, 255).astype(np.uint8), whose


def same_partition(first: np.ndarray, second: np.ndarray) -> bool:
    return len({*zip(first.tolist(), second.tolist(), strict=True)}) == len(set(first)) == len(set(second))


def test_clusters_are_scikit_learns() -> None:
    features, whose = blobs(300)
    found = find_clusters(features, 3, 0)
    theirs = KMeans(3, n_init=10, random_state=1).fit(features / 255)
    assert same_partition(found.labels, whose)
    assert same_partition(found.labels, theirs.labels_)
    order = [theirs.labels_[np.flatnonzero(found.labels == number)[0]] for number in range(3)]
    assert np.allclose(found.centres, theirs.cluster_centers_[order], atol=1e-5)
    wanted = np.sqrt(((features[:, None] / 255 - found.centres) ** 2).mean(axis=2))
    assert np.allclose(found.distances, wanted, atol=1e-5)
    assert found.silhouette == pytest.approx(silhouette_score(features / 255, found.labels), abs=1e-4)


def test_many_photos_are_clustered_in_batches(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    features, whose = blobs(3000)
    stored = np.memmap(tmp_path / "features", np.uint8, "w+", shape=features.shape)
    stored[:] = features
    whole = find_clusters(features, 3, 0)
    monkeypatch.setattr(clustering, "MOST_AT_ONCE", 100)
    found = find_clusters(stored, 3, 0)
    assert same_partition(found.labels, whose)
    order = [whole.labels[np.flatnonzero(found.labels == number)[0]] for number in range(3)]
    assert not np.array_equal(found.centres, whole.centres[order]), "it saw a sample first"
    assert np.abs(found.centres - whole.centres[order]).max() < 0.01


def test_the_same_bits_whatever_the_threads() -> None:
    features, _ = blobs(2000, k=5)
    found = []
    for threads in (1, 4):
        with threadpool_limits(threads):
            found.append(find_clusters(features, 4, 3))
    assert all(np.array_equal(a, b) for a, b in zip(*found, strict=True))
    assert not np.array_equal(found[0].centres, find_clusters(features, 4, 4).centres)


def test_photos_of_one_kind_leave_clusters_empty(recwarn: pytest.WarningsRecorder) -> None:
    found = find_clusters(np.full((6, 10), 77, np.uint8), 3, 0)
    assert np.allclose(found.distances[np.arange(6), found.labels], 0, atol=1e-6)
    assert np.isnan(found.silhouette)
    assert not recwarn.list


# ------------------------------------------------------------------------------------------------------ whole bodies


def centres(person: Person) -> dict[str, np.ndarray]:
    """Pictures as centres of clusters look, soft, in [0, 1]."""
    body = np.pad(person((64, 48)), ((0, 0), (8, 8))).astype(np.float32)
    upper = cv2.resize(body[:34, 15:49], (64, 64))
    garment = np.zeros((64, 64), np.float32)
    garment[12:54, 12:52] = 1
    drawn = {"body": body, "upper": upper, "garment": garment, "full": np.ones((64, 64)), "none": np.zeros((64, 64))}
    return {name: cv2.GaussianBlur(picture.astype(np.float32), (5, 5), 0) for name, picture in drawn.items()}


def test_whole_bodies_score_most(person: Person) -> None:
    scores = {name: full_body_score(picture) for name, picture in centres(person).items()}
    assert scores["body"] > 0.6
    assert scores["body"] > 1.5 * max(score for name, score in scores.items() if name != "body"), scores
    assert all(0 <= score <= 1 for score in scores.values())


def test_the_score_knows_no_polarity(person: Person) -> None:
    body = centres(person)["body"]
    assert full_body_score(1 - 0.6 * body) == pytest.approx(full_body_score(body), abs=1e-4)


def test_clusters_are_numbered_by_that_score(person: Person) -> None:
    pictures = np.stack([centres(person)[name].ravel() for name in ("full", "body", "upper")])
    distances = np.array([[0.1, 0.2, 0.3], [0.3, 0.1, 0.2]], np.float32)
    ordered, scores = by_full_body(Clusters(pictures, distances, distances.argmin(1), 0.5))
    assert scores == sorted(scores, reverse=True)
    assert np.array_equal(ordered.centres[0], pictures[1])
    assert ordered.labels.tolist() == ordered.distances.argmin(1).tolist()
    assert ordered.distances[0, 0] == distances[0, 1]


# ------------------------------------------------------------------------------------------------------------ choice


def test_the_surest_photo_comes_first() -> None:
    distances = np.array([[0.10, 0.3], [0.12, 0.3], [0.11, 0.3], [0.3, 0.1]], np.float32)
    clusters = Clusters(np.zeros((2, 1)), distances, distances.argmin(1), 0.0)
    fronts = np.array([0.01, 0.99, np.nan, 1.0], np.float32)
    found = rank([0, 1, 2, 3], clusters, 0, fronts, views=True)
    assert [one.number for one in found] == [1, 2, 0, 3]
    assert [one.view for one in found] == ["front", "unknown", "back", "unknown"]
    surely = 1 / (1 + np.exp(-10 * (0.3 - 0.12) / 0.3))
    assert found[0].confidence == pytest.approx(surely * (0.05 + 0.95 * 0.99), abs=1e-5)
    by_distance = rank([0, 1, 2, 3], clusters, 0, fronts, views=False)
    assert [one.number for one in by_distance] == [0, 2, 1, 3]
    assert by_distance[0].confidence == pytest.approx(1 / (1 + np.exp(-10 * 0.2 / 0.3)), abs=1e-5)


def test_equal_photos_keep_the_inputs_order() -> None:
    distances = np.full((3, 2), 0.2, np.float32)
    clusters = Clusters(np.zeros((2, 1)), distances, np.zeros(3, int), 0.0)
    for views in (True, False):
        found = rank([2, 0, 1], clusters, 0, np.full(3, 0.7, np.float32), views=views)
        assert [one.number for one in found] == [2, 0, 1]


def test_a_face_is_told_from_hair() -> None:
    """Brows, eyes and red lips across a face; strands that fall down a head."""
    face = np.full((44, 32, 3), (224, 178, 150), np.uint8)
    face[:10] = (70, 50, 40)
    for x in (7, 19):
        face[16:18, x : x + 6] = (60, 40, 30)
        face[20:22, x : x + 6] = (40, 30, 30)
    face[32:35, 11:21] = (180, 50, 60)
    hair = np.full((44, 32, 3), (120, 80, 50), np.uint8)
    hair[:, ::4] = (80, 50, 30)
    assert face_score(face) > 0.9
    assert face_score(hair) < 0.1
    assert [view_of(score) for score in (0.9, 0.5, 0.1, None)] == ["front", "unknown", "back", "unknown"]


# ------------------------------------------------------------------------------------------------------------ splits


def test_sets_are_scipys_connected_components() -> None:
    rng = np.random.default_rng(5)
    first, second = rng.integers(0, 200, (2, 120))
    tied = UnionFind()
    for a, b in zip(first, second, strict=True):
        tied.join(f"{a:03d}", f"{b:03d}")
    found = [tied.find(f"{number:03d}") for number in range(200)]
    _, wanted = connected_components(coo_matrix((np.ones(120), (first, second)), shape=(200, 200)), directed=False)
    assert same_partition(np.array(found), wanted)
    assert all(root == min(name for name, other in zip(map("{:03d}".format, range(200)), found, strict=True)
                           if other == root) for root in found)  # fmt: skip


def test_splits_have_their_shares_and_stay() -> None:
    names = [f"p{number}" for number in range(5000)]
    drawn = draw_splits(names, UnionFind(), (0.7, 0.2, 0.1), 0, QUIET)
    shares = [list(drawn.values()).count(split) / 5000 for split in ("train", "val", "test")]
    assert np.allclose(shares, (0.7, 0.2, 0.1), atol=0.02)
    assert draw_splits(names[:50], UnionFind(), (0.7, 0.2, 0.1), 0, QUIET) == {name: drawn[name] for name in names[:50]}
    assert draw_splits(names, UnionFind(), (0.7, 0.2, 0.1), 1, QUIET) != drawn
    assert set(draw_splits(names, UnionFind(), (1, 0, 0), 0, QUIET).values()) == {"train"}
