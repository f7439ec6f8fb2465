"""What a recipe is: named modules, and the turns in which they are trained."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from fashiontools.core.manifest import Row
from fashiontools.train.boxes import PhotoBoxes
from fashiontools.train.data import Photos

Losses = dict[str, Tensor]
Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Place:
    """How far a run is.

    Attributes:
        step: Steps that are done.
        epoch: Epochs that are done.
        share: Part of the whole run that is done, 0 to 1, by what ends it: steps or epochs.
    """

    step: int
    epoch: int
    share: float


@dataclass(frozen=True)
class Picked:
    """The photos of one step, over all processes.

    Attributes:
        numbers: (B,) int, of the photos.
        mirrored: (B,) bool, whether each one comes mirrored.
        step: The step, from 0.
        epoch: The epoch, from 0.
    """

    numbers: np.ndarray
    mirrored: np.ndarray
    step: int
    epoch: int


@dataclass(frozen=True)
class Data:
    """What a recipe may know of its photos before training begins.

    Attributes:
        rows: Their rows, by number; of several rows of one photo the first.
        photos: Their pixels, by number.
        held_out: Photos that are never trained on, by which a run is judged on the way; None where none were named.
        before: What the run goes on from, or begins with; None for one that begins with nothing.
        boxes: What is on them, by number; empty for recipes that learn no boxes.
        targets: What is to be made of them, by number; None for recipes that learn no pairs.
    """

    rows: Sequence[Row]
    photos: Photos
    held_out: "Data | None" = None
    before: "Before | None" = None
    boxes: Sequence[PhotoBoxes] = ()
    targets: Photos | None = None


@dataclass(frozen=True)
class Before:
    """What is known of a run that goes on, or of the one whose weights another begins with.

    Attributes:
        facts: The recipe's `facts` of a run that goes on, which must hold again; else empty.
        files: The recipe's `files`, by name.
        arguments: What each network was built with, by its name in the recipe.
    """

    facts: Mapping[str, Any]
    files: Mapping[str, bytes]
    arguments: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Turn:
    """One optimizer's turn within a step.

    Attributes:
        name: Of the turn, for logs and checkpoints.
        trains: Names of the modules that it trains; all others are frozen during it.
        optimizer: Makes the optimizer from the parameters.
        losses: From a batch to a dict with `loss` (what is minimized) and scalars to log, each a mean over the photos.
        repeat: How often it is taken in a step.
        every: It is taken in every so-manieth step.
        begin: First step in which it is taken.
        end: First step in which it is no longer taken; None: always.
        schedule: The factor of the learning rate at a place in the run; None: always 1.
    """

    name: str
    trains: tuple[str, ...]
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    losses: Callable[[Batch], Losses]
    repeat: int = 1
    every: int = 1
    begin: int = 0
    end: int | None = None
    schedule: Callable[[Place], float] | None = None

    def is_taken(self, step: int) -> bool:
        """Whether the turn is taken in a step (the first step is 0)."""
        inside = self.begin <= step and (self.end is None or step < self.end)
        return inside and (step - self.begin) % self.every == 0


@dataclass(frozen=True)
class Model:
    """A network as a run folder names it.

    Attributes:
        name: In `models/registry.py`.
        arguments: What it is built with.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class Recipe(Protocol):
    """A model, its objective and its optimizers; the loop does everything else.

    The registry names what builds it, a class or a function of its options, the data and the device.

    Attributes:
        models: What `run.json` says of the modules, by the same names.
        modules: The networks, by name. The loop may put averaged ones in their place while images are made.
        shown: Names of the modules that make the images: what an exponential moving average is kept of.
        turns: In the order in which a step takes them.
        notes: What the user should know before it begins.
        facts: What else decided the run and has to be the same when it goes on, as JSON.
        files: What `inpaint` and `sample` need besides the weights, by file name.
        preview_columns: Pictures in a line of the preview.
        in_one_process: Whether its steps mean something else when several processes share them.
        figures: Names of further pictures that a session ends with, as files of the run folder.
        keeps_best: Whether the best weights so far are kept beside the last ones.
    """

    models: Mapping[str, Model]
    modules: dict[str, nn.Module]
    shown: tuple[str, ...]
    turns: tuple[Turn, ...]
    notes: Sequence[str]
    facts: Mapping[str, Any]
    files: Mapping[str, bytes]
    preview_columns: int
    in_one_process: bool
    figures: Sequence[str]
    keeps_best: bool

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """What belongs to the photos of a step besides pixels (latents, masks, words), by the seed, on the CPU.

        Every entry has a first dimension of B. It is drawn for all processes and sliced for each, so that their
        number changes nothing.
        """

    def share(self, batch: Batch) -> Batch:
        """Compute once per step what several turns need (with every module unfrozen)."""

    def preview(self) -> Tensor:
        """Images of the present state, (N, 3, H, W) float in [-1, 1]; of the same things each time."""

    def draw_figure(self, name: str, images: Tensor) -> np.ndarray:
        """One of the `figures`, from the last preview: (H, W, 3) uint8."""

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The best of the epochs so far (an index into the list) and the rule that says so."""


class JudgedRecipe(Recipe, Protocol):
    """A recipe whose options have `--validation`."""

    def validate(self, data: Data) -> dict[str, float]:
        """Scalars of the present state on held-out photos (`val_...`), the same draws each time."""


def seeded(seed: int, step: int) -> torch.Generator:
    """A generator for what is drawn for a step as a whole: it depends on the seed and the step alone."""
    words = np.random.SeedSequence([seed, step]).generate_state(2, np.uint32)
    return torch.Generator().manual_seed(int(words[0]) << 32 | int(words[1]))
