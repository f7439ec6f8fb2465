"""The recipe `dcgan`: Chiaretti's thesis (2020), chapters 4.3, 4.4 and 5.2."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from fashiontools.losses.adversarial import fake_loss, real_loss
from fashiontools.losses.augmentation import augment
from fashiontools.models.gan.dcgan import draw_latent
from fashiontools.models.registry import MODELS
from fashiontools.train.feed import order_of_epoch
from fashiontools.train.logs import side_by_side
from fashiontools.train.pixels import to_pixels
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn, seeded
from fashiontools.train.recipes.dcgan.options import DcganOptions

PREVIEWS = 64


class Dcgan:
    """A generator and a discriminator that play the minimax game with binary cross-entropy.

    Each step the discriminator judges a real and a fake batch (separately, so that batch norm sees one kind at a
    time), then the generator is trained on the same fakes against the updated discriminator.

    Args:
        options: Of the recipe.
        data: The photos; some of them are shown beside generated images.
        device: Where the latents are needed.
    """

    shown = ("generator",)
    notes = ()
    facts: Mapping[str, Any] = {}
    files: Mapping[str, bytes] = {}
    preview_columns = 8
    figures = ("real_vs_generated.png",)
    in_one_process = False
    keeps_best = False

    def __init__(self, options: DcganOptions, data: Data, device: torch.device) -> None:
        shape = {"size": options.size, "layers": options.layers, "kernel": options.kernel}
        self.models = {
            "generator": Model(
                "dcgan-generator",
                {**shape, "latent": options.latent, "width": options.generator_width, "dropout": options.dropout},
            ),
            "discriminator": Model("dcgan-discriminator", {**shape, "width": options.discriminator_width}),
        }
        self.modules = {name: MODELS[model.name].load()(**model.arguments) for name, model in self.models.items()}
        adam = partial(torch.optim.Adam, lr=options.rate, betas=(options.beta1, 0.999))
        self.turns = (
            Turn("discriminator", ("discriminator",), adam, self._judge),
            Turn("generator", ("generator",), adam, self._fool),
        )
        self._policy = options.policy
        self._latent, self._seed, self._data, self._device = options.latent, options.seed, data, device
        self._fixed = draw_latent(PREVIEWS, options.latent, torch.Generator().manual_seed(options.seed))

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """`latent`, (B, latent) float32, standard normal."""
        return {"latent": draw_latent(len(picked.numbers), self._latent, seeded(self._seed, picked.step))}

    def share(self, batch: Batch) -> Batch:
        """Add the fakes that both turns use: (N, 3, H, W) in [-1, 1], with the generator's graph."""
        return {**batch, "fake": self.modules["generator"](batch["latent"])}

    def _judge(self, batch: Batch) -> Losses:
        discriminator = self.modules["discriminator"]
        real, fake = (discriminator(augment(batch[name].detach(), self._policy)) for name in ("photo", "fake"))
        loss = real_loss(real) + fake_loss(fake)
        return {"loss": loss, "loss_d": loss, "d_x": real.mean(), "d_g_z": fake.mean()}

    def _fool(self, batch: Batch) -> Losses:
        loss = real_loss(self.modules["discriminator"](augment(batch["fake"], self._policy)))
        return {"loss": loss, "loss_g": loss}

    def preview(self) -> Tensor:
        """64 images from latents that never change."""
        return self.modules["generator"](self._fixed.to(self._device))

    def draw_figure(self, name: str, images: Tensor) -> np.ndarray:
        """64 photos of the data (left) beside 64 generated images (right), as the thesis's figures 5.4 to 5.8."""
        order = order_of_epoch(len(self._data.photos), self._seed, 0)
        real = self._data.photos.batch(np.sort(order[: len(images)]))
        return side_by_side(real, to_pixels(images), self.preview_columns)

    def best_epoch(self, epochs: list[dict[str, float]]) -> tuple[int, str]:
        """The epoch nearest to the equilibrium of the game, where the discriminator cannot tell: D = 0.5.

        The thesis reports "the best epoch" and says that D(x) converges to 0.5; it gives no rule. This is ours.
        """
        distance = [abs(epoch["d_x"] - 0.5) + abs(epoch["d_g_z"] - 0.5) for epoch in epochs]
        return distance.index(min(distance)), "smallest |D(x) - 0.5| + |D(G(z)) - 0.5|"
