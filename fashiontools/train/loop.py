"""The training loop: turns, checkpoints, exact resume, logs. Recipes know nothing of it.

A step is one batch. All turns of the recipe are taken in it; during a turn the modules outside of it are frozen,
which saves their gradients and keeps them clean. Photos come in an order that depends on the seed and the epoch, so
the position inside the data is the step count alone.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from fashiontools.core.errors import Diverged
from fashiontools.core.progress import Progress
from fashiontools.train import checkpoint, logs
from fashiontools.train.data import Photos, flips_of_epoch, order_of_epoch
from fashiontools.train.options import TrainOptions, seconds
from fashiontools.train.recipe import Batch, Recipe, Turn


@dataclass
class State:
    """Where a run is.

    Attributes:
        step: Steps that are done.
        sums: Sums over the photos of the current epoch so far, by scalar.
        counts: Photos that each sum is over.
        epochs: One dict of means per finished epoch.
    """

    step: int = 0
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    epochs: list[dict[str, float]] = field(default_factory=list)


class Loop:
    """Trains a recipe on photos.

    Args:
        recipe: What is trained.
        photos: What it is trained on.
        options: Of the recipe.
        run: The run folder.
        device: Where.
        progress: Where progress goes.
    """

    def __init__(
        self, recipe: Recipe, photos: Photos, options: TrainOptions, run: Path, device: torch.device, progress: Progress
    ) -> None:
        self.recipe, self.photos, self.options, self.run = recipe, photos, options, run
        self.progress, self.device = progress, device
        for module in recipe.modules.values():
            # Channels-last is what the convolutions of CPUs and of tensor cores work on: 1.25 times as fast here.
            module.to(device, memory_format=torch.channels_last)
        self.optimizers: dict[str, Optimizer] = {
            turn.name: turn.optimizer([p for name in turn.trains for p in recipe.modules[name].parameters()])
            for turn in recipe.turns
        }
        self.state = State()
        self.per_epoch = math.ceil(len(photos) / options.batch)
        self.last = options.steps if options.steps is not None else options.epochs * self.per_epoch
        self._order: tuple[int, np.ndarray, np.ndarray] | None = None

    # ------------------------------------------------------------------------------------------------- checkpoints

    def save(self) -> None:
        """Write a checkpoint of the present state."""
        state = self.state
        numbers = {"sums": state.sums, "counts": state.counts, "epochs": state.epochs}
        checkpoint.save(
            self.run, state.step, self.recipe.modules, self.optimizers, numbers, self.options.keep_checkpoints
        )

    def resume(self) -> None:
        """Go back to the newest checkpoint."""
        numbers = checkpoint.load_newest(self.run, self.recipe.modules, self.optimizers)
        self.state = State(numbers["step"], numbers["sums"], numbers["counts"], numbers["epochs"])

    # ---------------------------------------------------------------------------------------------------- training

    def train(self, spent: float) -> Iterator[int]:
        """Train until the steps, the epochs or the time are used up.

        Args:
            spent: Seconds that earlier sessions took.

        Yields:
            The step, after each checkpoint.

        Raises:
            Diverged: A loss is no longer a number; the last checkpoint is kept.
        """
        limit = seconds(self.options.time_limit)
        start, first = time.monotonic(), self.state.step
        self._set_mode(training=True)
        while self.state.step < self.last:
            if limit is not None and spent + time.monotonic() - start > limit:
                self.progress.note(f"the time limit of {self.options.time_limit} is used up")
                break
            self._step()
            self._tell(start, first)
            step = self.state.step
            if step % self.options.preview_every == 0:
                self._preview()
            if step % self.options.save_every == 0 and step < self.last:
                self.save()
                self._write_logs()
                yield step
        if checkpoint.steps_of(self.run)[-1:] != [self.state.step]:
            self.save()
        self._write_logs()
        self._write_figures()
        yield self.state.step

    def _step(self) -> None:
        batch = self.recipe.share(self._batch())
        losses: dict[str, Tensor] = {}
        for turn in self.recipe.turns:
            if turn.is_taken(self.state.step):
                for _ in range(turn.repeat):
                    losses |= self._take(turn, batch)
        self.state.step += 1
        self._count(losses, len(batch["photo"]))
        if self.state.step % self.per_epoch == 0:
            self._finish_epoch()

    def _take(self, turn: Turn, batch: Batch) -> dict[str, Tensor]:
        optimizer = self.optimizers[turn.name]
        with _only(self.recipe.modules, turn.trains):
            optimizer.zero_grad(set_to_none=True)
            losses = turn.losses(batch)
            loss = losses.pop("loss")
            if not math.isfinite(loss.item()):
                raise Diverged(
                    f"the loss of turn {turn.name!r} is {loss.item()} at step {self.state.step}",
                    "the last checkpoint is kept; try a smaller --rate in another folder",
                )
            loss.backward()
            optimizer.step()
        return {name: value.detach() for name, value in losses.items()}

    def _batch(self) -> Batch:
        epoch, position = divmod(self.state.step, self.per_epoch)
        if self._order is None or self._order[0] != epoch:
            count, seed = len(self.photos), self.options.seed
            self._order = (epoch, order_of_epoch(count, seed, epoch), flips_of_epoch(count, seed, epoch))
        _, order, flips = self._order
        numbers = order[position * self.options.batch : (position + 1) * self.options.batch]
        pixels = self.photos.batch(numbers)
        if self.options.flip:
            mirrored = flips[numbers]
            pixels[mirrored] = pixels[mirrored, :, ::-1]
        photo = torch.from_numpy(pixels).to(self.device).permute(0, 3, 1, 2)  # uint8 travels; the layout fits already
        return {"photo": photo.float().div_(127.5).sub_(1.0)}

    def _count(self, losses: Mapping[str, Tensor], photos: int) -> None:
        for name, value in losses.items():
            self.state.sums[name] = self.state.sums.get(name, 0.0) + value.item() * photos
            self.state.counts[name] = self.state.counts.get(name, 0) + photos

    def _finish_epoch(self) -> None:
        state = self.state
        means = {name: total / state.counts[name] for name, total in state.sums.items()}
        state.epochs.append({"epoch": state.step // self.per_epoch, "step": state.step, **means})
        state.sums, state.counts = {}, {}
        told = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
        self.progress.detail(f"epoch {state.step // self.per_epoch}: {told}")

    # --------------------------------------------------------------------------------------------------- telling

    def _tell(self, start: float, first: int) -> None:
        done, elapsed = self.state.step - first, time.monotonic() - start
        speed = done * min(self.options.batch, len(self.photos)) / elapsed
        left = (self.last - self.state.step) * elapsed / done
        means = ", ".join(f"{name} {total / self.state.counts[name]:.3f}" for name, total in self.state.sums.items())
        self.progress.line(
            f"step {self.state.step:,} of {self.last:,}, {means + ', ' if means else ''}{speed:.1f} images/s, "
            f"{_clock(left)} left"
        )

    def _set_mode(self, *, training: bool) -> None:
        for module in self.recipe.modules.values():
            module.train(training)

    def generated(self) -> Tensor:
        """The recipe's preview images of the present state, made as `sample` makes them (running statistics)."""
        self._set_mode(training=False)
        with torch.no_grad():
            images = self.recipe.preview()
        self._set_mode(training=True)
        return images

    def _preview(self) -> None:
        logs.write_preview(self.run, self.state.step, self.generated())

    def _write_logs(self) -> None:
        logs.write_metrics(self.run, self.state.epochs)
        if self.state.epochs:
            logs.draw_losses(self.run, self.state.epochs, *self.recipe.best_epoch(self.state.epochs))

    def _write_figures(self) -> None:
        images = self.generated()
        logs.write_preview(self.run, self.state.step, images)
        shown = np.sort(order_of_epoch(len(self.photos), self.options.seed, 0)[: len(images)])
        logs.write_real_vs_generated(self.run, self.photos.batch(shown), images)

    def told_best(self) -> dict[str, Any]:
        """The best epoch with its rule and figures; empty before the first epoch is finished."""
        if not self.state.epochs:
            return {}
        best, rule = self.recipe.best_epoch(self.state.epochs)
        return {**self.state.epochs[best], "rule": rule}


@contextmanager
def _only(modules: Mapping[str, nn.Module], trained: tuple[str, ...]) -> Iterator[None]:
    """Freeze all modules but the trained ones."""
    for name, module in modules.items():
        module.requires_grad_(name in trained)
    try:
        yield
    finally:
        for module in modules.values():
            module.requires_grad_(True)


def _clock(left: float) -> str:
    minutes, secs = divmod(round(left), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"
