"""The losses of Kinli, Ozcan and Kirac 2020, equations 1 to 6, put together as the options say."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from fashiontools.losses import adversarial, reconstruction
from fashiontools.models.features.vgg16 import UNTRAINED, open_vgg16
from fashiontools.train.recipes.coarse_to_fine.options import CoarseToFineOptions

_VGG = "vgg16"


class Reconstruction:
    """How far an output is from the photo: pixels, style, content.

    Args:
        options: Of the recipe.
        device: Where images are.
        recorded: The `facts` of a run that goes on: where it had no trained VGG then, it has none now.

    Attributes:
        facts: What the VGG's weights are, where one is looked through.
        notes: What the user should know of it.
    """

    def __init__(self, options: CoarseToFineOptions, device: torch.device, recorded: Mapping[str, Any]) -> None:
        self._options = options
        self._layers = tuple(options.vgg_layers.split(","))
        self._vgg = None
        self.facts: dict[str, Any] = {}
        self.notes: list[str] = []
        if options.style_weight or options.content_loss:
            wanted = UNTRAINED if recorded.get(_VGG) == UNTRAINED else options.vgg
            self._vgg, weights = open_vgg16(wanted, self._layers, self.notes.append)
            self._vgg.to(device)
            self.facts[_VGG] = weights
            if weights == UNTRAINED:
                self.notes.append(
                    "no trained VGG16: an untrained, seeded one is looked through, and style is measured by the Gram "
                    "matrices of the image itself too (--vgg FILE takes torchvision's weights)"
                )
        self._of_itself = self.facts.get(_VGG) == UNTRAINED

    def features(self, image: Tensor) -> list[Tensor]:
        """What style and content compare: (N, C, H, W) of each layer; nothing where neither is asked for."""
        return self._vgg(image) if self._vgg is not None else []

    def loss(
        self, output: Tensor, photo: Tensor, mask: Tensor, truth: list[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The weighted sum, equation 4, and its parts.

        Args:
            output: (N, 3, S, S) float, raw.
            photo: (N, 3, S, S) float in [-1, 1].
            mask: (N, 1, S, S) float, 1 = hole.
            truth: The photo's `features`.
        """
        options = self._options
        parts = {"pixel": reconstruction.pixel_loss(output, photo)}
        total = options.pixel_weight * parts["pixel"]
        found = self.features(output)
        if options.style_weight:
            compared = list(zip(found, truth, strict=True)) + ([(output, photo)] if self._of_itself else [])
            parts["style"] = torch.stack([reconstruction.style_loss(a, b) for a, b in compared]).sum()
            total = total + options.style_weight * parts["style"]
        if options.content_loss:
            layer = min(2, len(found) - 1)
            parts["content"] = reconstruction.content_loss(found[layer], truth[layer])
            total = total + options.content_weight * parts["content"]
        if options.log_error_weight:
            parts["log_error"] = reconstruction.hole_log_error(output, photo, mask)
            total = total + options.log_error_weight * parts["log_error"]
        return total, parts


class Game:
    """The two sides of the adversarial losses, on logits.

    Equation 5, L = max E[D(x)], has neither a logarithm nor fakes; cross-entropy with both is what its authors' code
    has, and the hinge what came after.

    Args:
        hinge: The hinge instead of cross-entropy.
    """

    def __init__(self, *, hinge: bool) -> None:
        self._hinge = hinge

    def judge(self, real: Tensor, fake: Tensor) -> Tensor:
        """What a discriminator minimizes."""
        if self._hinge:
            return adversarial.hinge_real_loss(real) + adversarial.hinge_fake_loss(fake)
        return adversarial.real_loss(real.sigmoid()) + adversarial.fake_loss(fake.sigmoid())

    def fool(self, fake: Tensor) -> Tensor:
        """What the generator minimizes."""
        return adversarial.hinge_generator_loss(fake) if self._hinge else adversarial.real_loss(fake.sigmoid())
