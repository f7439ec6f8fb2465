"""The turns of a step: which networks learn, from which losses, in which precision.

All turns of the recipe are taken in a step, for each part that the batch is split into; during a turn the modules
outside of it are frozen, which saves their gradients and keeps them clean.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.amp import GradScaler

from fashiontools.core.errors import UsageError
from fashiontools.train.average import average_of
from fashiontools.train.checkpoint import Trained
from fashiontools.train.feed import split_batch
from fashiontools.train.options import TrainOptions
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Batch, Place, Recipe, Turn

LOSS_OF = "loss of "
_PRECISIONS = {"bf16": torch.bfloat16, "fp16": torch.float16}


class Turns:
    """Takes the turns of a recipe.

    Args:
        recipe: What is trained; its modules are moved to the device.
        options: Of the recipe.
        processes: Who trains.

    Attributes:
        trained: The networks, averages, optimizers and scalers, whose state a checkpoint holds.

    Raises:
        UsageError: The options ask for what cannot be done together.
    """

    def __init__(self, recipe: Recipe, options: TrainOptions, processes: Processes) -> None:
        self._recipe, self._options, self._processes = recipe, options, processes
        self._device = processes.device
        self._dtype = _PRECISIONS.get(options.mixed_precision)
        self._refuse()
        for module in recipe.modules.values():
            # Channels-last is what the convolutions of CPUs and of tensor cores work on: 1.25 times as fast here.
            module.to(self._device, memory_format=torch.channels_last)
        optimizers = {turn.name: turn.optimizer(self._parameters(turn)) for turn in recipe.turns}
        fp16 = options.mixed_precision == "fp16"
        scalers = {name: GradScaler(self._device.type) for name in optimizers} if fp16 else {}
        averages = {name: average_of(recipe.modules[name], options.ema) for name in recipe.shown if options.ema}
        self.trained = Trained(dict(recipe.modules), averages, optimizers, scalers)
        self._rates = {name: [group["lr"] for group in one.param_groups] for name, one in optimizers.items()}
        if options.compile:
            for module in recipe.modules.values():
                module.compile()

    def _refuse(self) -> None:
        if self._options.mixed_precision == "fp16" and self._processes.device.type == "cpu":
            raise UsageError("--mixed-precision fp16 needs a GPU: bf16 works on this device")
        repeated = [turn.name for turn in self._recipe.turns if turn.repeat > 1]
        if repeated and self._options.accumulate > 1:
            raise UsageError(f"--accumulate cannot split the steps of turn {repeated[0]!r}, which is repeated in each")

    def _parameters(self, turn: Turn) -> list[nn.Parameter]:
        return [p for name in turn.trains for p in self._recipe.modules[name].parameters()]

    def take(self, batch: Batch, count: int, place: Place) -> dict[str, Tensor]:
        """Take the turns of one step.

        Args:
            batch: This process's part of the step's photos.
            count: Photos of the step, over all processes.
            place: Where the run is.

        Returns:
            This process's share of every scalar's mean; `LOSS_OF` and the turn's name is what a turn minimizes.
        """
        turns = [turn for turn in self._recipe.turns if turn.is_taken(place.step)]
        self._set_rates(turns, place)
        parts = split_batch(batch, self._options.accumulate)
        share = self._processes.share_of(count) / len(batch["photo"])  # of each photo; 0 where it is another's too
        totals: dict[str, Tensor] = {}
        for number, part in enumerate(parts):
            weight = len(part["photo"]) * share
            with self._precision():
                shared = self._recipe.share(part)
            for turn in turns:
                for _ in range(turn.repeat):
                    losses = self._take(turn, shared, weight, opens=number == 0, closes=number == len(parts) - 1)
                    for name, value in losses.items():
                        before = totals.get(name, 0.0) if number else 0.0
                        totals[name] = before + value.detach().float() * weight
        for name, average in self.trained.averages.items():
            average.update_parameters(self.trained.modules[name])
        return totals

    def _take(self, turn: Turn, batch: Batch, weight: float, *, opens: bool, closes: bool) -> dict[str, Tensor]:
        optimizer, scaler = self.trained.optimizers[turn.name], self.trained.scalers.get(turn.name)
        with _only(self._recipe.modules, turn.trains):
            if opens:
                optimizer.zero_grad(set_to_none=True)
            with self._precision():
                losses = turn.losses(batch)
            loss = losses.pop("loss")
            (scaler.scale(loss * weight) if scaler else loss * weight).backward()
            if closes:
                self._processes.add_gradients(self._parameters(turn))
                if scaler:
                    scaler.unscale_(optimizer)
                if self._options.clip is not None:
                    nn.utils.clip_grad_norm_(self._parameters(turn), self._options.clip)
                if scaler:
                    scaler.step(optimizer)
                    scaler.update()
                else:
                    optimizer.step()
        return {**losses, LOSS_OF + turn.name: loss}

    def _precision(self) -> torch.autocast:
        return torch.autocast(self._processes.device.type, self._dtype, enabled=self._dtype is not None)

    def _set_rates(self, turns: list[Turn], place: Place) -> None:
        for turn in turns:
            if turn.schedule is not None:
                factor = turn.schedule(place)
                groups = self.trained.optimizers[turn.name].param_groups
                for group, rate in zip(groups, self._rates[turn.name], strict=True):
                    group["lr"] = rate * factor


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
