"""Which photos a step sees, and the batch that is made of them, one step ahead of the training."""

import hashlib
import random
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor

from fashiontools.train.data import Photos
from fashiontools.train.pixels import to_images
from fashiontools.train.recipe import Batch, Picked


def order_of_epoch(count: int, seed: int, epoch: int) -> np.ndarray:
    """The numbers of all photos in the order of an epoch: it depends on the seed and the epoch alone."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def flips_of_epoch(count: int, seed: int, epoch: int) -> np.ndarray:
    """Which photos, by number, are mirrored in an epoch: (count,) bool."""
    return np.random.default_rng([seed, epoch, 1]).random(count) < 0.5


def seed_step(seed: int, step: int, rank: int) -> None:
    """Set every global generator for a step, so that a checkpoint needs to hold none of their states."""
    digest = hashlib.sha256(f"{seed} {step} {rank}".encode()).digest()
    random.seed(digest[:8])
    np.random.seed(int.from_bytes(digest[8:12], "little"))
    torch.manual_seed(int.from_bytes(digest[12:20], "little"))


def split_batch(batch: Batch, parts: int) -> list[Batch]:
    """The batch in so many parts, none of them empty unless the batch is."""
    count = len(batch["photo"])
    parts = max(1, min(parts, count))
    bounds = [count * number // parts for number in range(parts + 1)]
    return [{name: value[low:high] for name, value in batch.items()} for low, high in pairwise(bounds)]


@dataclass(frozen=True)
class Position:
    """Where the next step begins.

    Attributes:
        step: Its number, from 0.
        epoch: Epochs that are done.
        seen: Photos of the present epoch that are done.
    """

    step: int = 0
    epoch: int = 0
    seen: int = 0


class Feed:
    """Makes batches; the next one is made in the background while the present one is trained on.

    Args:
        photos: The pixels.
        draw: The recipe's draws for a step.
        batch: Photos of a step, over all processes.
        seed: The user's.
        flip: Whether half of the photos are mirrored.
        part_of: Which of a step's photos are this process's: from their number to a slice.
        device: Where batches go.
        targets: What is to be made of the photos, by the same numbers, if anything is.
    """

    def __init__(
        self,
        photos: Photos,
        draw: Callable[[Picked], dict[str, Tensor]],
        *,
        batch: int,
        seed: int,
        flip: bool,
        part_of: Callable[[int], slice],
        device: torch.device,
        targets: Photos | None = None,
    ) -> None:
        self._photos, self._draw, self._part_of, self._device = photos, draw, part_of, device
        self._pixels = {"photo": photos} | ({"target": targets} if targets is not None else {})
        self._size, self._seed, self._flip = batch, seed, flip
        self._order: tuple[int, np.ndarray, np.ndarray] | None = None
        self._thread = ThreadPoolExecutor(1)
        self._next: tuple[Position, Future[dict[str, Tensor]]] | None = None

    def after(self, position: Position) -> Position:
        """Where the step after this one begins."""
        seen = position.seen + self._size
        if seen >= len(self._photos):
            return Position(position.step + 1, position.epoch + 1, 0)
        return Position(position.step + 1, position.epoch, seen)

    def count(self, position: Position) -> int:
        """Photos of the step, over all processes; the last one of an epoch may have fewer."""
        return min(self._size, len(self._photos) - position.seen)

    def batch(self, position: Position) -> Batch:
        """This process's part of a step: `photo`, (N, 3, H, W) float in [-1, 1], `target` alike, and the draws."""
        if self._next is None or self._next[0] != position:
            self._next = (position, self._thread.submit(self._make, position))
        made = self._next[1].result()
        following = self.after(position)
        self._next = (following, self._thread.submit(self._make, following))
        moved = {name: value.to(self._device, non_blocking=True) for name, value in made.items()}
        return {**moved, **{name: to_images(moved[name]) for name in self._pixels}}  # uint8 travels

    def _make(self, position: Position) -> dict[str, Tensor]:
        if self._order is None or self._order[0] != position.epoch:
            count, seed, epoch = len(self._photos), self._seed, position.epoch
            self._order = (epoch, order_of_epoch(count, seed, epoch), flips_of_epoch(count, seed, epoch))
        _, order, flips = self._order
        numbers = order[position.seen : position.seen + self._size]
        mirrored = flips[numbers] if self._flip else np.zeros(len(numbers), bool)
        mine = self._part_of(len(numbers))
        drawn = self._draw(Picked(numbers, mirrored, position.step, position.epoch))
        pixels = {name: one.batch(numbers[mine], mirrored[mine]) for name, one in self._pixels.items()}
        made = {name: torch.from_numpy(one) for name, one in pixels.items()}
        made |= {name: value[mine] for name, value in drawn.items()}
        return {name: value.pin_memory() for name, value in made.items()} if self._device.type == "cuda" else made
