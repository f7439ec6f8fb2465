"""The recipe `pix2pix`: Isola, Zhu, Zhou and Efros 2016, section 3 and appendix 6; Farnsworth 2018, section 3.2.1."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from fashiontools.losses.adversarial import fake_loss, real_loss
from fashiontools.models.registry import MODELS
from fashiontools.train.pixels import to_images
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn, seeded
from fashiontools.train.recipes.pix2pix.options import Pix2pixOptions
from fashiontools.train.schedules import linear_end

_SHOWN = 8
_AT_ONCE = 32


class Pix2pix:
    """A U-Net that makes one image of another, and a discriminator that judges patches of both.

    In each step the discriminator learns first, at half its objective ("which slows down the rate at which D learns
    relative to G", section 3.3), then the generator against the updated one; both see the same fakes.

    Args:
        options: Of the recipe.
        data: The pairs.
        device: Where they are trained.
    """

    shown = ("generator",)
    facts: Mapping[str, Any] = {}
    files: Mapping[str, bytes] = {}
    preview_columns = 3
    figures = ()
    in_one_process = False

    def __init__(self, options: Pix2pixOptions, data: Data, device: torch.device) -> None:
        self._options, self._device = options, device
        self.keeps_best = data.held_out is not None
        self.models = self._named_models()
        self.modules = {name: MODELS[model.name].load()(**model.arguments) for name, model in self.models.items()}
        self.turns = tuple(self._turns())
        self.notes: Sequence[str] = self._doubts()
        shown = data.held_out or data
        numbers = np.linspace(0, len(shown.photos) - 1, min(_SHOWN, len(shown.photos)))
        self._fixed = self._still_batch(shown, numbers.round().astype(int))

    def _named_models(self) -> dict[str, Model]:
        options = self._options
        generator = {"size": options.size, "width": options.generator_width, "dropout": options.dropout}
        models = {"generator": Model("unet-generator", {**generator, "norm": options.norm})}
        if options.adversarial_weight:
            judge = {"patch": options.patch, "width": options.discriminator_width, "norm": options.norm}
            models["discriminator"] = Model("patch-discriminator", judge)
        return models

    def _turns(self) -> list[Turn]:
        options = self._options
        adam = partial(torch.optim.Adam, lr=options.rate, betas=(options.beta1, 0.999))
        schedule = partial(linear_end, options.decay_from)
        losses = {"discriminator": self._judge, "generator": self._translate}
        return [Turn(name, (name,), adam, losses[name], schedule=schedule) for name in losses if name in self.models]

    def _doubts(self) -> list[str]:
        if self._options.norm == "batch" and self._options.batch == 1:
            return ["--norm batch learns from single images and makes them with averages of many: try --norm instance"]
        return []

    # ------------------------------------------------------------------------------------------------------- training

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """`corner`, (B, 2) float32 from 0 to 1: where pairs are cut, between the upper left and the lower right."""
        return {"corner": torch.rand(len(picked.numbers), 2, generator=seeded(self._options.seed, picked.step))}

    def share(self, batch: Batch) -> Batch:
        """Cut both images of each pair alike, and add the fakes that both turns use, with the generator's graph."""
        photo, target = (self._cut(batch[name], batch["corner"]) for name in ("photo", "target"))
        return {**batch, "photo": photo, "target": target, "fake": self.modules["generator"](photo)}

    def _cut(self, images: Tensor, corners: Tensor) -> Tensor:
        size, room = self._options.size, images.shape[2] - self._options.size
        if not room:
            return images
        places = (corners * (room + 1)).long().clamp(max=room).tolist()
        cut = [one[:, y : y + size, x : x + size] for one, (y, x) in zip(images, places, strict=True)]
        return torch.stack(cut) if cut else images[..., :size, :size]

    def _judge(self, batch: Batch) -> Losses:
        """Half of equation 1, from the discriminator's side."""
        discriminator = self.modules["discriminator"]
        real, fake = (discriminator(batch["photo"], batch[name].detach()) for name in ("target", "fake"))
        loss = (real_loss(real) + fake_loss(fake)) / 2
        return {"loss": loss, "loss_d": loss, "d_real": real.mean(), "d_fake": fake.mean()}

    def _translate(self, batch: Batch) -> Losses:
        """Equation 4, with the non-saturating form of equation 1."""
        options = self._options
        l1 = functional.l1_loss(batch["fake"], batch["target"])
        loss, told = options.l1_weight * l1, {"l1": l1}
        if options.adversarial_weight:
            told["adversarial"] = real_loss(self.modules["discriminator"](batch["photo"], batch["fake"]))
            loss = loss + options.adversarial_weight * told["adversarial"]
        return {"loss": loss, "loss_g": loss, **told}

    # -------------------------------------------------------------------------------------------------------- judging

    def validate(self, data: Data) -> dict[str, float]:
        """L1 distance (in [-1, 1]) and PSNR of what is made of held-out photos, with the same noise always."""
        totals = {"val_l1": 0.0, "val_psnr": 0.0}
        for start in range(0, len(data.photos), _AT_ONCE):
            batch = self._still_batch(data, np.arange(start, min(start + _AT_ONCE, len(data.photos))))
            error = self._made(batch).clamp(-1, 1) - batch["target"]
            totals["val_l1"] += error.abs().mean(dim=(1, 2, 3)).sum().item()
            squares = error.square().mean(dim=(1, 2, 3)).clamp(min=4e-8)  # the range of [-1, 1] is 2; 80 dB at most
            totals["val_psnr"] += (10 * torch.log10(4 / squares)).sum().item()
        return {name: total / len(data.photos) for name, total in totals.items()}

    def _still_batch(self, data: Data, numbers: np.ndarray) -> Batch:
        """Pairs by number, whole and not mirrored, and the numbers."""
        if data.targets is None:
            raise TypeError("pix2pix learns pairs")
        size = self._options.size
        images = {"photo": data.photos.batch(numbers), "target": data.targets.batch(numbers)}
        batch = {
            name: functional.interpolate(to_images(one), (size, size), mode="bilinear", antialias=True)
            for name, one in images.items()
        }
        return {name: one.to(self._device) for name, one in {**batch, "number": torch.from_numpy(numbers)}.items()}

    def _made(self, batch: Batch) -> Tensor:
        """What the generator makes of whole photos, with noise by their numbers, as `sample` makes images."""
        generator, size = self.modules["generator"], self._options.size
        drawn = [seeded(self._options.seed, number) for number in batch["number"].tolist()]
        noise = generator.draw_noise(size, size, drawn)
        return generator(batch["photo"], [one.to(self._device) for one in noise])

    def preview(self) -> Tensor:
        """Eight pairs, held out if possible: the photo, what is made of it, the target."""
        lines = (self._fixed["photo"], self._made(self._fixed), self._fixed["target"])
        return torch.stack(lines, dim=1).flatten(0, 1)

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The epoch with the best held-out PSNR, or else the least L1 distance; the paper has no rule."""
        if "val_psnr" in epochs[-1]:
            scores = [-epoch["val_psnr"] for epoch in epochs]
            return scores.index(min(scores)), "highest held-out PSNR"
        losses = [epoch["l1"] for epoch in epochs]
        return losses.index(min(losses)), "least L1 distance"
