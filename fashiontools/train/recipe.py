"""What a recipe is: named modules, and the turns in which they are trained."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

Losses = dict[str, Tensor]
Batch = dict[str, Tensor]


@dataclass(frozen=True)
class Turn:
    """One optimizer's turn within a step.

    Attributes:
        name: Of the turn, for logs and checkpoints.
        trains: Names of the modules that it trains; all others are frozen during it.
        optimizer: Makes the optimizer from the parameters.
        losses: From a batch to a dict with `loss` (what is minimized) and scalars to log.
        repeat: How often it is taken in a step.
        begin: First step in which it is taken.
        end: First step in which it is no longer taken; None: always.
    """

    name: str
    trains: tuple[str, ...]
    optimizer: Callable[[Iterable[nn.Parameter]], Optimizer]
    losses: Callable[[Batch], Losses]
    repeat: int = 1
    begin: int = 0
    end: int | None = None

    def is_taken(self, step: int) -> bool:
        """Whether the turn is taken in a step (the first step is 0)."""
        return self.begin <= step and (self.end is None or step < self.end)


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

    Attributes:
        models: What `run.json` says of the modules, by the same names.
        modules: The networks, by name.
        turns: In the order in which a step takes them.
    """

    models: Mapping[str, Model]
    modules: dict[str, nn.Module]
    turns: tuple[Turn, ...]

    def share(self, batch: Batch) -> Batch:
        """Compute once per step what several turns need (with every module unfrozen)."""

    def preview(self) -> Tensor:
        """Images of the present state, (N, 3, H, W) float in [-1, 1]; the same latents each time."""

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The best of the epochs so far (an index into the list) and the rule that says so."""
