"""Which photos a step sees: orders, flips, batches made ahead, shares of several processes, parts."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from tiny_recipe import CPU, PHOTOS
from torch import Tensor

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.train import data
from fashiontools.train.data import Cached, Photos, Streamed
from fashiontools.train.feed import Feed, Position, flips_of_epoch, order_of_epoch, seed_step, split_batch
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Batch, Picked
from fashiontools.train.shapes import Square

ALL = Processes(CPU).slice_of


def numbers_drawn(picked: Picked) -> dict[str, Tensor]:
    """What a recipe might draw: each photo's number, and one number of the step."""
    return {"number": torch.from_numpy(picked.numbers), "noise": torch.full((len(picked.numbers),), picked.step / 7)}


def feed_of(photos: np.ndarray | Photos = PHOTOS, **settings: Any) -> Feed:
    settings = {"batch": 2, "seed": 0, "flip": False, "part_of": ALL, "device": CPU} | settings
    return Feed(Cached(photos) if isinstance(photos, np.ndarray) else photos, numbers_drawn, **settings)


def seen_in(feed: Feed, steps: int, position: Position | None = None) -> list[Batch]:
    batches, position = [], position or Position()
    for _ in range(steps):
        batches.append(feed.batch(position))
        position = feed.after(position)
    return batches


def pixels_of(batch: Batch) -> np.ndarray:
    return ((batch["photo"] + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()


def numbers_of(batches: list[Batch]) -> list[int]:
    """The photos by their pixels."""
    return [next(n for n, p in enumerate(PHOTOS) if np.array_equal(p, seen)) for b in batches for seen in pixels_of(b)]


def numbers_told(batches: list[Batch]) -> list[int]:
    return torch.cat([batch["number"] for batch in batches]).tolist()


# ------------------------------------------------------------------------------------------------------------ orders


def test_epochs_are_permutations_that_differ() -> None:
    orders = [order_of_epoch(50, seed, epoch) for seed in (0, 1) for epoch in range(3)]
    assert all(sorted(order) == list(range(50)) for order in orders)
    assert len({order.tobytes() for order in orders}) == len(orders)
    assert np.array_equal(orders[0], order_of_epoch(50, 0, 0))


def test_half_of_the_photos_are_flipped_and_others_in_the_next_epoch() -> None:
    flips = [flips_of_epoch(1000, 0, epoch) for epoch in range(2)]
    for flipped in flips:
        assert 440 < np.count_nonzero(flipped) < 560
    assert not np.array_equal(*flips)


def test_every_photo_comes_once_an_epoch_in_a_new_order() -> None:
    batches = seen_in(feed_of(), 8)
    assert [len(batch["photo"]) for batch in batches] == [2, 2, 2, 1] * 2
    first, second = numbers_of(batches[:4]), numbers_of(batches[4:])
    assert sorted(first) == sorted(second) == list(range(7))
    assert first != second
    assert first + second == numbers_told(batches), "what is drawn belongs to the photos"


def test_the_order_is_the_seeds() -> None:
    assert numbers_of(seen_in(feed_of(), 4)) == numbers_of(seen_in(feed_of(), 4))
    assert numbers_of(seen_in(feed_of(), 4)) != numbers_of(seen_in(feed_of(seed=1), 4))


def test_flip_mirrors_about_half_of_the_photos() -> None:
    plain = np.concatenate([pixels_of(batch) for batch in seen_in(feed_of(), 40)])
    flipped = np.concatenate([pixels_of(batch) for batch in seen_in(feed_of(flip=True), 40)])
    mirrored = [np.array_equal(b, a[:, ::-1]) for a, b in zip(plain, flipped, strict=True)]
    same = [np.array_equal(b, a) for a, b in zip(plain, flipped, strict=True)]
    assert all(a != b for a, b in zip(mirrored, same, strict=True))
    assert 0.3 < np.mean(mirrored) < 0.7


def test_whether_a_photo_is_mirrored_does_not_hang_on_the_batch() -> None:
    by_two, by_three = (
        np.concatenate([pixels_of(batch) for batch in seen_in(feed_of(batch=size, flip=True), steps)])
        for size, steps in ((2, 8), (3, 6))
    )
    assert np.array_equal(by_two, by_three)


def test_a_recipe_is_told_which_photos_are_mirrored() -> None:
    told: dict[int, bool] = {}

    def keep(picked: Picked) -> dict[str, Tensor]:
        if picked.step == 0:  # the next step's batch is made ahead
            told.update(zip(picked.numbers.tolist(), picked.mirrored.tolist(), strict=True))
        return {"number": torch.from_numpy(picked.numbers)}

    feed = Feed(Cached(PHOTOS), keep, batch=7, seed=0, flip=True, part_of=ALL, device=CPU)
    batch = feed.batch(Position())
    for number, seen in zip(batch["number"].tolist(), pixels_of(batch), strict=True):
        assert np.array_equal(seen, PHOTOS[number][:, ::-1] if told[number] else PHOTOS[number])
    assert set(flips_of_epoch(7, 0, 0).tolist()) == {True, False}


def test_pixels_are_scaled_to_minus_one_and_one() -> None:
    photos = np.zeros((2, 8, 8, 3), np.uint8)
    photos[1] = 255
    photo = feed_of(photos).batch(Position())["photo"]
    assert photo.dtype == torch.float32
    assert photo.shape == (2, 3, 8, 8)
    assert sorted(photo.flatten(1).mean(dim=1).tolist()) == [-1.0, 1.0]
    assert photo.is_contiguous(memory_format=torch.channels_last)


def test_another_batch_size_goes_on_with_the_next_photo_of_the_epoch() -> None:
    before, position = [], Position()
    feed = feed_of(batch=2)
    for _ in range(2):
        before.append(feed.batch(position))
        position = feed.after(position)
    assert position == Position(step=2, epoch=0, seen=4)
    rest = seen_in(feed_of(batch=3), 2, position)
    assert [len(batch["photo"]) for batch in rest] == [3, 3]
    assert numbers_of([*before, rest[0]]) == order_of_epoch(7, 0, 0).tolist()
    assert numbers_of(rest[1:]) == order_of_epoch(7, 0, 1)[:3].tolist()


# ------------------------------------------------------------------------------------------------------- made ahead


class Counted(Cached):
    """Photos that remember what was asked for."""

    def __init__(self, pixels: np.ndarray) -> None:
        super().__init__(pixels)
        self.asked: list[list[int]] = []

    def batch(self, numbers: np.ndarray, mirrored: np.ndarray | None = None) -> np.ndarray:
        self.asked.append(numbers.tolist())
        return super().batch(numbers, mirrored)


def test_batches_made_ahead_are_those_made_on_demand() -> None:
    ahead = seen_in(feed_of(flip=True), 9)
    position = Position()
    for batch in ahead:
        fresh = feed_of(flip=True)
        assert set(fresh.batch(position)) == set(batch)
        for name, value in feed_of(flip=True).batch(position).items():
            assert torch.equal(value, batch[name]), name
        position = fresh.after(position)


def test_each_batch_is_made_once_and_one_ahead(wait_for: Callable[[Callable[[], bool]], None]) -> None:
    photos = Counted(PHOTOS)
    feed = feed_of(photos)
    seen = seen_in(feed, 3)
    wait_for(lambda: len(photos.asked) == 4)
    order = order_of_epoch(7, 0, 0).tolist()
    assert photos.asked == [order[0:2], order[2:4], order[4:6], order[6:7]]
    assert numbers_told(seen) == order[:6]


def test_a_jump_is_not_served_what_was_made_ahead() -> None:
    feed = feed_of()
    feed.batch(Position())
    jumped = Position(step=9, epoch=2, seen=4)
    assert numbers_of([feed.batch(jumped)]) == order_of_epoch(7, 0, 2)[4:6].tolist()


def test_what_goes_wrong_ahead_is_raised_where_the_batch_is_wanted(tmp_path: Path) -> None:
    """The second batch cannot be read: the first one comes, and the second tells why."""
    from PIL import Image

    files = []
    for number, photo in enumerate(PHOTOS):
        files.append(str(tmp_path / f"{number}.png"))
        Image.fromarray(photo).save(files[-1])
    broken = files[order_of_epoch(7, 0, 0)[2]]
    Path(broken).write_bytes(b"no photo")
    feed = feed_of(Streamed(files, np.full((7, 2), 8), Square(8, "crop"), 1))
    position = Position()
    assert len(feed.batch(position)["photo"]) == 2
    with pytest.raises(UsageError, match=Path(broken).name):
        feed.batch(feed.after(position))


def test_the_photos_are_not_copied(tmp_path: Path) -> None:
    """Of a memory map of 96 MB, a few steps take what a few batches take."""
    file = tmp_path / "photos.npy"
    pixels = np.lib.format.open_memmap(file, "w+", np.uint8, (2000, 128, 128, 3))
    pixels[::50] = 7
    del pixels
    photos = Cached(np.load(file, mmap_mode="r"))
    feed = feed_of(photos, batch=4)
    tracemalloc.start()
    seen_in(feed, 6)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5e6
    assert isinstance(photos.photos, np.memmap)


def test_a_loaded_data_set_is_a_memory_map_that_nobody_writes_to(tmp_path: Path) -> None:
    from PIL import Image

    Image.fromarray(PHOTOS[0]).save(tmp_path / "a.png")
    row = Row({"path": str(tmp_path / "a.png")}, "a.png")
    loaded = data.load([row], Square(8, "crop"), cache=tmp_path / "c", workers=1, progress=Progress("", quiet=True))
    photo = loaded.photos.photos[0]
    assert isinstance(photo.base, np.memmap)
    assert not photo.flags.writeable
    loaded.photos.batch(np.array([0]))[:] = 0
    assert np.array_equal(photo, PHOTOS[0])


# ------------------------------------------------------------------------------------------------ processes and parts


def sharers(count: int) -> list[Processes]:
    """Processes as they see themselves; they never speak to each other here."""
    found = []
    for rank in range(count):
        one = Processes(CPU)
        one.rank, one.count = rank, count
        found.append(one)
    return found


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("total", [1, 2, 7, 8])
def test_shares_of_a_step_are_disjoint_and_cover_it(count: int, total: int) -> None:
    processes = sharers(count)
    own = [list(range(total))[one.slice_of(total)] if one.share_of(total) else [] for one in processes]
    assert [photo for share in own for photo in share] == list(range(total))
    assert max(map(len, own)) - min(map(len, own)) <= 1
    assert sum(one.share_of(total) for one in processes) == pytest.approx(1)
    for one in processes:
        assert len(range(total)[one.slice_of(total)]) >= 1, "a process always has something to run its networks on"


def test_processes_see_the_parts_of_one_batch_with_what_belongs_to_them() -> None:
    whole = seen_in(feed_of(batch=5, flip=True), 3)
    shares = [seen_in(feed_of(batch=5, flip=True, part_of=one.slice_of), 3) for one in sharers(2)]
    for step, batch in enumerate(whole):
        for name, value in batch.items():
            assert torch.equal(torch.cat([share[step][name] for share in shares]), value), name


@pytest.mark.parametrize(("count", "parts", "sizes"), [(8, 2, [4, 4]), (7, 3, [2, 2, 3]), (2, 4, [1, 1]), (1, 3, [1])])
def test_a_batch_is_split_into_parts_none_of_them_empty(count: int, parts: int, sizes: list[int]) -> None:
    batch = {"photo": torch.arange(count), "latent": torch.arange(count) * 10}
    split = split_batch(batch, parts)
    assert [len(part["photo"]) for part in split] == sizes
    assert torch.equal(torch.cat([part["photo"] for part in split]), batch["photo"])
    assert all(torch.equal(part["latent"], part["photo"] * 10) for part in split)


def test_what_a_step_draws_is_the_seeds_the_steps_and_the_processes() -> None:
    import random

    def drawn(*at: int) -> tuple[float, float, float]:
        seed_step(*at)
        return random.random(), float(np.random.rand()), torch.rand(1).item()

    assert drawn(0, 5, 0) == drawn(0, 5, 0)
    others = [drawn(0, 5, 0), drawn(1, 5, 0), drawn(0, 6, 0), drawn(0, 5, 1), drawn(0, 50, 0)]
    for values in zip(*others, strict=True):
        assert len(set(values)) == len(others)
