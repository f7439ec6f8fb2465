"""What the released code of Kinli, Ozcan and Kirac does where it is not the paper, for `--preset released-code`.

Kept to the letter so that the difference can be measured: the style loss trains nothing (both Gram matrices are
detached), the local discriminator sees the last image of a batch alone and sends the generator no gradient, the global
one is never trained, and the local one's gradient is computed once in 150 steps and taken at every one. The text is
read at its last place, padding included. The coarse network's rate falls by 0.9 per epoch, the discriminators have
Adam's own betas, total variation is added in the refinement network, the adversarial losses weigh 0.4 : 0.6, and
rows with bilinear upsampling have a 3 x 3 convolution over a mirrored border behind it.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from fashiontools.losses.reconstruction import gram, pixel_loss, total_variation
from fashiontools.models.inpainting.local_global import crop_holes
from fashiontools.train.recipe import Batch, Data, Losses, Model, Picked, Turn
from fashiontools.train.recipes.coarse_to_fine.options import CoarseToFineOptions
from fashiontools.train.recipes.coarse_to_fine.recipe import CoarseToFine
from fashiontools.train.schedules import exponential

COARSE_DECAY = 0.9
DISCRIMINATOR_BETAS = (0.9, 0.999)
_RENEWED_EVERY = 150


class ReleasedReconstruction:
    """Smooth L1 of pixels, and smooth L1 of the image's own Gram matrices without a gradient.

    Args:
        options: Of the recipe.
    """

    def __init__(self, options: CoarseToFineOptions) -> None:
        self._options = options
        self.facts: dict[str, str] = {}
        self.notes = [
            "the released code's style loss, discriminators and layout: see the manual for what they do not do"
        ]

    def features(self, image: Tensor) -> list[Tensor]:
        """None: the Gram matrices are of the image itself."""
        return []

    def loss(
        self, output: Tensor, photo: Tensor, mask: Tensor, truth: list[Tensor]
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """As `objective.Reconstruction.loss`."""
        options = self._options
        style = functional.smooth_l1_loss(gram(output.detach()), gram(photo))
        parts = {"pixel": pixel_loss(output, photo), "style": style}
        return options.pixel_weight * parts["pixel"] + options.style_weight * style, parts


def last_crop(image: Tensor, boxes: Tensor) -> Tensor:
    """The hole of the last image of a batch, (1, 3, 32, 32), through which no gradient passes."""
    return crop_holes(image[-1:].detach(), boxes[-1:])


class OldGradients(nn.Module):
    """Keeps the gradients of a network, and gives them again in steps that compute none.

    They are buffers, so that a run that goes on has them.

    Args:
        network: Whose parameters' gradients are kept.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self._parameters_kept = list(network.parameters())
        for number, parameter in enumerate(self._parameters_kept):
            self.register_buffer(f"gradient_{number}", torch.zeros_like(parameter))
            parameter.register_post_accumulate_grad_hook(self._keeper(number))

    def _keeper(self, number: int) -> Callable[[Tensor], None]:
        def keep(parameter: Tensor) -> None:
            self.get_buffer(f"gradient_{number}").copy_(parameter.grad)

        return keep

    def loss(self, step: int, fresh: Tensor) -> Tensor:
        """The loss itself in every 150th step; else one whose gradient is the one that is kept.

        Args:
            step: From 0.
            fresh: The loss of this step, a scalar.
        """
        if step % _RENEWED_EVERY == 0:
            return fresh
        products = [
            (parameter * self.get_buffer(f"gradient_{number}")).sum()
            for number, parameter in enumerate(self._parameters_kept)
        ]
        return torch.stack(products).sum()


class ReleasedCode(CoarseToFine):
    """`CoarseToFine` with the layout and the training of the released code; arguments as there."""

    in_one_process = True  # the gradient that is kept would be added up over processes again in every step

    def __init__(self, options: CoarseToFineOptions, data: Data, device: torch.device) -> None:
        super().__init__(options, data, device)
        self.modules["old gradients"] = OldGradients(self.modules["local"])

    def _objective(self, recorded: Mapping[str, Any]) -> ReleasedReconstruction:
        return ReleasedReconstruction(self._options)

    def _named_models(self) -> dict[str, Model]:
        models = super()._named_models()
        if "text" in models:
            models["text"] = replace(models["text"], arguments={**models["text"].arguments, "released": True})
        return models

    def _layout(self) -> dict[str, Any]:
        layout = {**super()._layout(), "released": True}
        return {**layout, "upsample": "reflect"} if layout["upsample"] == "bilinear" else layout

    def _turns(self) -> list[Turn]:
        coarse, judges, refinement = super()._turns()
        adam = partial(torch.optim.Adam, lr=self._options.discriminator_rate, betas=DISCRIMINATOR_BETAS)
        return [
            replace(coarse, schedule=partial(exponential, COARSE_DECAY)),
            replace(judges, trains=("local",), optimizer=adam),
            refinement,
        ]

    def draw(self, picked: Picked) -> dict[str, Tensor]:
        """As there, and `step`, (B,) int64, the number of the step."""
        return {**super().draw(picked), "step": torch.full((len(picked.numbers),), picked.step)}

    def _reconstruct(self, batch: Batch, name: str) -> tuple[Tensor, dict[str, Tensor]]:
        """As there, and in the refinement network total variation."""
        loss, parts = super()._reconstruct(batch, name)
        if name == "refined":
            parts["variation"] = total_variation(batch[name])
            loss = loss + self._options.variation_weight * parts["variation"]
        return loss, parts

    def _judged(self, image: Tensor, batch: Batch) -> dict[str, Tensor]:
        local = self.modules["local"](last_crop(image, batch["box"]))
        return {"global": self.modules["global"](image), "local": local}

    def _judge(self, batch: Batch) -> Losses:
        boxes = batch["box"]
        real, fake = (self.modules["local"](last_crop(batch[name], boxes)) for name in ("photo", "refined"))
        fresh = self._game.judge(real, fake)
        loss = self.modules["old gradients"].loss(int(batch["step"][0]), fresh)
        return {"loss": loss, "loss_d": fresh, "loss_d_local": fresh}


def build(options: CoarseToFineOptions, data: Data, device: torch.device) -> CoarseToFine:
    """The recipe that the options ask for: the paper's or the released code's."""
    return (ReleasedCode if options.as_released else CoarseToFine)(options, data, device)
