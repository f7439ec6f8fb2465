"""The training loop: steps, checkpoints, exact resume, logs. Recipes know nothing of it.

A step is one batch, over all processes. What is random in it depends on the seed, the step and the process alone.
"""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor, nn

from fashiontools.core.errors import Diverged
from fashiontools.core.images import write_photo
from fashiontools.core.progress import Progress
from fashiontools.train import checkpoint, logs
from fashiontools.train.feed import Feed, seed_step
from fashiontools.train.options import TrainOptions, seconds
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Data, JudgedRecipe, Place, Recipe
from fashiontools.train.run_folder import BEST, save_networks
from fashiontools.train.state import State
from fashiontools.train.turns import LOSS_OF, Turns

_EXPLODED = 1e8


class Loop:
    """Trains a recipe on photos.

    Args:
        recipe: What is trained.
        data: What it is trained on.
        options: Of the recipe.
        run: The run folder.
        processes: Who trains.
        progress: Where progress goes.

    Raises:
        UsageError: The options ask for what cannot be done together.
    """

    def __init__(
        self, recipe: Recipe, data: Data, options: TrainOptions, run: Path, processes: Processes, progress: Progress
    ) -> None:
        self.recipe, self.data, self.options, self.run = recipe, data, options, run
        self.processes, self.progress = processes, progress
        self._turns = Turns(recipe, options, processes)
        self.trained = self._turns.trained
        self.state = State()
        self.feed = Feed(
            data.photos,
            recipe.draw,
            batch=options.batch,
            seed=options.seed,
            flip=options.flip,
            part_of=processes.slice_of,
            device=processes.device,
            targets=data.targets,
        )

    # ------------------------------------------------------------------------------------------------- checkpoints

    def save(self) -> None:
        """Write a checkpoint of the present state, if this is the main process."""
        if self.processes.is_main:
            step, keep = self.state.position.step, self.options.keep_checkpoints
            checkpoint.save(self.run, step, self.trained, self.state.numbers(), keep)

    def resume(self) -> None:
        """Go back to the newest checkpoint."""
        self.state = State.of(checkpoint.load_newest(self.run, self.trained))

    # ---------------------------------------------------------------------------------------------------- training

    @property
    def place(self) -> Place:
        """How far the run is."""
        position, options = self.state.position, self.options
        if options.ends_by_steps:
            share = position.step / options.steps
        else:
            share = (position.epoch + position.seen / len(self.data.photos)) / options.epochs
        return Place(position.step, position.epoch, min(1.0, share))

    def train(self, spent: float) -> Iterator[int]:
        """Train until the steps, the epochs or the time are used up.

        Args:
            spent: Seconds that earlier sessions took.

        Yields:
            The step, after each checkpoint.

        Raises:
            Diverged: A loss is no longer a number, or beyond all bounds; the last checkpoint is kept.
        """
        limit, options = seconds(self.options.time_limit), self.options
        start, first = time.monotonic(), self.state.position.step
        self._set_mode(training=True)
        late = limit is not None and spent > limit
        while self.place.share < 1 and not late:
            late = self._step(late=limit is not None and spent + time.monotonic() - start > limit)
            step = self.state.position.step
            self._tell(start, first)
            if step % options.preview_every == 0 and self.processes.is_main:
                logs.write_preview(self.run, step, self.generated(), self.recipe.preview_columns)
            if step % options.save_every == 0 and self.place.share < 1 and not late:
                self.save()
                self._write_logs()
                yield step
        if late:
            self.progress.note(f"the time limit of {options.time_limit} is used up")
        step = self.state.position.step
        if checkpoint.steps_of(self.run)[-1:] != [step]:
            self.save()
        self._write_logs()
        self._write_figures()
        yield step

    def _step(self, *, late: bool = False) -> bool:
        """Take one step; returns whether the main process found it late."""
        position, feed = self.state.position, self.feed
        seed_step(self.options.seed, position.step, self.processes.rank)
        count, batch = feed.count(position), feed.batch(position)
        totals = self._turns.take(batch, count, self.place)
        late = self._count(totals, count, late=late)
        self.state.position = feed.after(position)
        if self._is_told_now():
            self._tell_means()
        return late

    def _is_told_now(self) -> bool:
        if (every := self.options.told_every) is None:
            return self.state.position.seen == 0
        return self.state.position.step % every == 0 or self.place.share == 1

    def _count(self, totals: Mapping[str, Tensor], photos: int, *, late: bool) -> bool:
        """Add a step's scalars to the epoch's, and stop where a loss is no number."""
        names = list(totals)
        told = torch.stack([*(totals[name] for name in names), torch.tensor(float(late), device=self.processes.device)])
        *values, late_ones = self.processes.add_up(told).tolist()
        scalars = dict(zip(names, values, strict=True))
        for name in [name for name in names if name.startswith(LOSS_OF)]:
            if not abs(loss := scalars.pop(name)) < _EXPLODED:
                raise Diverged(
                    f"the loss of turn {name.removeprefix(LOSS_OF)!r} is {loss:g} at step {self.state.position.step}",
                    "the last checkpoint is kept; try a smaller learning rate in another folder",
                )
        self.state.add(scalars, photos)
        self.processes.log(scalars, self.state.position.step)
        return late_ones > 0

    def _tell_means(self) -> None:
        means = self.state.means()
        if self.data.held_out is not None and self.processes.is_main:
            judged = cast(JudgedRecipe, self.recipe)  # only options of such a recipe name photos to hold out
            with self._shown():
                means |= judged.validate(self.data.held_out)
        self.state.close_epoch(means)
        if self.recipe.keeps_best and self.processes.is_main:
            self._keep_best()
        if self.options.told_every is not None:
            self._write_logs()  # the next checkpoint may be hours away
        told = ", ".join(f"{name} {value:.4f}" for name, value in means.items())
        self.progress.detail(f"step {self.state.position.step:,}, epoch {self.state.position.epoch}: {told}")
        self.processes.log({f"epoch/{name}": value for name, value in means.items()}, self.state.position.step)

    def _keep_best(self) -> None:
        best, _ = self.recipe.best_epoch(self.state.epochs)
        if best == len(self.state.epochs) - 1:
            save_networks(self.run, BEST, self.recipe, self.shown_modules())

    # --------------------------------------------------------------------------------------------------- telling

    def _tell(self, start: float, first: int) -> None:
        done, elapsed = self.state.position.step - first, time.monotonic() - start
        speed = done * min(self.options.batch, len(self.data.photos)) / elapsed
        total = self.total_steps
        left = (total - self.state.position.step) * elapsed / done
        means = ", ".join(f"{name} {mean:.3f}" for name, mean in self.state.means().items())
        self.progress.line(
            f"step {self.state.position.step:,} of {total:,}, {means + ', ' if means else ''}{speed:.1f} images/s, "
            f"{logs.clock(left)} left, {logs.peak_memory(self.processes.device) / 2**30:.1f} GiB at most"
        )

    @property
    def per_epoch(self) -> int:
        """Steps of an epoch."""
        return math.ceil(len(self.data.photos) / self.options.batch)

    @property
    def total_steps(self) -> int:
        """Steps of the whole run, as far as can be told from here."""
        if self.options.ends_by_steps:
            return self.options.steps
        position = self.state.position
        left = self.options.epochs - position.epoch
        rest = math.ceil((len(self.data.photos) - position.seen) / self.options.batch) if left > 0 else 0
        return position.step + rest + max(0, left - 1) * self.per_epoch

    def _set_mode(self, *, training: bool) -> None:
        for module in self.recipe.modules.values():
            module.train(training)

    @contextmanager
    def _shown(self) -> Iterator[None]:
        """The networks as images are made with them: averaged where there is an average, running statistics."""
        recipe, trained = self.recipe, self.recipe.modules
        recipe.modules = self.shown_modules()
        self._set_mode(training=False)
        try:
            with torch.no_grad():
                yield
        finally:
            recipe.modules = trained
            self._set_mode(training=True)

    def shown_modules(self) -> dict[str, nn.Module]:
        """The networks, the averaged ones in the place of those that have an average."""
        return {**self.trained.modules, **{name: one.module for name, one in self.trained.averages.items()}}

    def generated(self) -> Tensor:
        """The recipe's preview images of the present state, made as `sample` and `inpaint` make them."""
        with self._shown():
            return self.recipe.preview()

    def _write_logs(self) -> None:
        if not self.processes.is_main:
            return
        logs.write_metrics(self.run, self.state.epochs)
        if self.state.epochs:
            logs.draw_losses(self.run, self.state.epochs, *self.recipe.best_epoch(self.state.epochs))

    def _write_figures(self) -> None:
        if not self.processes.is_main:
            return
        images = self.generated()
        logs.write_preview(self.run, self.state.position.step, images, self.recipe.preview_columns)
        for name in self.recipe.figures:
            write_photo(self.run / name, self.recipe.draw_figure(name, images))

    def told_best(self) -> dict[str, Any]:
        """The best epoch with its rule and figures; empty before the first epoch is finished."""
        if not self.state.epochs:
            return {}
        best, rule = self.recipe.best_epoch(self.state.epochs)
        return {**self.state.epochs[best], "rule": rule}
