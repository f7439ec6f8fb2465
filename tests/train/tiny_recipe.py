"""Two recipes to try the loop on: one whose steps can be followed by hand, and a whole one for the command line.

`TinyGan` has no batch norm and is trained by SGD, so that a batch in parts has the gradients of the whole batch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
import torch
import typer
from torch import Tensor, nn
from torch.nn import functional

from fashiontools.core.options import Mark
from fashiontools.core.progress import Progress
from fashiontools.train.data import Cached
from fashiontools.train.loop import Loop
from fashiontools.train.options import SquareOptions, ValidationOptions
from fashiontools.train.processes import Processes
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn, seeded
from fashiontools.train.recipes.dcgan.options import DcganOptions
from fashiontools.train.table import RecipeCommand

CPU = torch.device("cpu")
PHOTOS = np.random.default_rng(0).integers(0, 256, (7, 8, 8, 3), np.uint8)
RATE = 0.1


class _Bare:
    """What the loop asks of a recipe besides its networks and turns."""

    modules: dict[str, nn.Module]
    shown: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    facts: Mapping[str, Any] = {}
    files: Mapping[str, bytes] = {}
    preview_columns = 2
    figures = ()
    in_one_process = False
    keeps_best = False

    @property
    def models(self) -> dict[str, Model]:
        return {name: Model(f"tiny {name}") for name in self.modules}

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        return {}

    def validate(self, data: Data) -> dict[str, float]:
        return {}

    def share(self, batch: Batch) -> Batch:
        return batch

    def preview(self) -> Tensor:
        return torch.zeros(2, 3, 8, 8)

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        return 0, "the first"


class Tiny(_Bare):
    """Two networks of one weight each; every turn's loss, (first x second - 3)^2, hangs on both of them.

    Args:
        turns: Keywords of `Turn`; without `trains` a turn trains the network of its name.
        value: What a turn logs of its batch.
    """

    def __init__(self, *turns: dict[str, Any], value: Callable[[Batch], Tensor] | None = None) -> None:
        torch.manual_seed(0)
        self.modules = {name: nn.Linear(1, 1, bias=False) for name in ("first", "second")}
        self.taken: list[tuple[str, dict[str, bool]]] = []
        self.value = value or (lambda batch: batch["photo"].mean())
        sgd = partial(torch.optim.SGD, lr=RATE)
        self.turns = tuple(
            Turn(**{"trains": (turn["name"],), "optimizer": sgd, "losses": partial(self._losses, turn["name"]), **turn})
            for turn in turns
        )

    def share(self, batch: Batch) -> Batch:
        assert all(p.requires_grad for module in self.modules.values() for p in module.parameters())
        return batch

    def _losses(self, turn: str, batch: Batch) -> Losses:
        trainable = {name: module.weight.requires_grad for name, module in self.modules.items()}
        self.taken.append((turn, trainable))
        seen = self.modules["second"](self.modules["first"](torch.ones(1, 1)))
        return {"loss": (seen - 3).square().mean() + 0 * self.value(batch), f"loss_{turn}": self.value(batch)}

    def weights(self) -> dict[str, float]:
        return {name: module.weight.item() for name, module in self.modules.items()}


def loop_of(recipe: object, run: Path, *, photos: np.ndarray = PHOTOS, **options: Any) -> Loop:
    """A loop over a few photos of noise, 8 x 8, in this process."""
    settings = DcganOptions(**{"size": 8, "batch": 2, "steps": 4} | options)
    data = Data([], Cached(photos))
    return Loop(recipe, data, settings, run, Processes(CPU), Progress("train", quiet=True))


@dataclass(frozen=True, kw_only=True)
class TinyOptions(ValidationOptions, SquareOptions):
    """Train a tiny GAN."""

    recipe: ClassVar[str] = "tiny"

    rate: Annotated[float, typer.Option(help="SGD's rate."), Mark.RESULT] = 0.05
    fails_at: Annotated[int | None, typer.Option(help="Step whose loss is no number."), Mark.RUN] = None
    repeat: Annotated[int, typer.Option(help="Steps of the discriminator per step."), Mark.RESULT] = 1


class TinyGan(_Bare):
    """A linear generator and a small discriminator, both without batch norm, trained by SGD with momentum."""

    shown = ("generator",)
    latent = 4

    def __init__(self, options: TinyOptions, data: Data, device: torch.device) -> None:
        side = options.size
        self._options, self.device = options, device
        self.modules: dict[str, nn.Module] = {
            "generator": nn.Sequential(nn.Linear(self.latent, 3 * side * side), nn.Unflatten(1, (3, side, side))),
            "discriminator": nn.Sequential(
                nn.Conv2d(3, 4, 4, 4), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(4 * (side // 4) ** 2, 1)
            ),
        }
        sgd = partial(torch.optim.SGD, lr=options.rate, momentum=0.5)
        self.turns = (
            Turn("discriminator", ("discriminator",), sgd, self.judge, repeat=options.repeat),
            Turn("generator", ("generator",), sgd, self.fool),
        )

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        count, fails = len(picked.numbers), picked.step == self._options.fails_at
        latent = torch.randn(count, self.latent, generator=seeded(self._options.seed, picked.step))
        return {"latent": latent, "nothing": torch.full((count,), float("nan") if fails else 0.0)}

    def share(self, batch: Batch) -> Batch:
        return {**batch, "fake": self.modules["generator"](batch["latent"])}

    def judge(self, batch: Batch) -> Losses:
        real, fake = (self.modules["discriminator"](batch[name].detach()) for name in ("photo", "fake"))
        loss = functional.softplus(-real).mean() + functional.softplus(fake).mean() + batch["nothing"].mean()
        return {"loss": loss, "loss_d": loss}

    def fool(self, batch: Batch) -> Losses:
        loss = functional.softplus(-self.modules["discriminator"](batch["fake"])).mean()
        return {"loss": loss, "loss_g": loss}

    def validate(self, data: Data) -> dict[str, float]:
        return {"val_mean": float(data.photos.batch(np.arange(len(data.photos))).mean())}

    def preview(self) -> Tensor:
        return self.modules["generator"](torch.ones(2, self.latent, device=self.device)).tanh()


TINY = RecipeCommand(
    target="tiny_recipe:TinyOptions",
    step="fashiontools.train.step:train",
    recipe="tiny_recipe:TinyGan",
    summary="A tiny GAN.",
    source="tests",
    folder="runs/tiny",
    kind="recipe",
    supervised=False,
    multi_domain=False,
    multi_modal=False,
    latent=True,
)
