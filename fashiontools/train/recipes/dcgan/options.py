"""Options of `train dcgan`."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import typer

from fashiontools.core.errors import UsageError, near
from fashiontools.core.options import Mark
from fashiontools.models.gan.depth import blocks_of
from fashiontools.train.options import Preset, SquareOptions

AUGMENTATIONS = ("color", "translation", "cutout")


@dataclass(frozen=True, kw_only=True)
class DcganOptions(SquareOptions):
    """Train a deep convolutional GAN: new images from noise.

    The networks and the schedule of Chiaretti's thesis (2020) are the defaults (--preset thesis): 64 x 64, latent 100,
    batch 128, 200 epochs, Adam 0.0002 with beta1 0.5, binary cross-entropy. --preset modern is ours, better at equal
    time: differentiable augmentation, averaged weights, narrower networks, mirrored photos, batch 64. Run it again on
    the same folder to resume.

    Example: fashiontools train dcgan crops --epochs 200 -o runs/dcgan
    """

    recipe: ClassVar[str] = "dcgan"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "thesis": {},
        "modern": {
            "augment": "color,translation,cutout",
            "ema": 0.999,
            "generator_width": 32,
            "discriminator_width": 32,
            "batch": 64,
            "flip": True,
        },
    }

    preset: Preset = "thesis"
    latent: Annotated[int, typer.Option(min=1, help="Length of the latent vector."), Mark.RESULT] = 100
    generator_width: Annotated[
        int, typer.Option(min=1, help="Feature maps of the generator's last hidden layer."), Mark.RESULT
    ] = 64
    discriminator_width: Annotated[
        int, typer.Option(min=1, help="Feature maps of the discriminator's first layer."), Mark.RESULT
    ] = 64
    layers: Annotated[
        int | None,
        typer.Option(
            min=1,
            show_default=False,
            metavar="N",
            help="Blocks of stride 2 in each network. Default: as many as lead down to 4 x 4.",
        ),
        Mark.RESULT,
    ] = None
    kernel: Annotated[int, typer.Option(min=2, max=9, help="Side of the kernels."), Mark.RESULT] = 4
    dropout: Annotated[
        float, typer.Option(min=0, max=0.95, help="Share of feature maps that the generator drops."), Mark.RESULT
    ] = 0.0
    rate: Annotated[float, typer.Option(min=0, help="Adam's learning rate, both networks."), Mark.RESULT] = 0.0002
    augment: Annotated[
        str | None,
        typer.Option(
            metavar="color,translation,cutout",
            show_default=False,
            help="The discriminator sees real and generated images through these distortions (Zhao et al. 2020): "
            "for data sets of some thousands.",
        ),
        Mark.RESULT,
    ] = None
    beta1: Annotated[float, typer.Option(min=0, max=0.999, help="Adam's beta1."), Mark.RESULT] = 0.5

    def __post_init__(self) -> None:
        """Check that the networks can be built.

        Raises:
            UsageError: The size cannot be halved that often.
        """
        super().__post_init__()
        for name in self.policy:
            if name not in AUGMENTATIONS:
                raise UsageError(f"--augment {name!r}: {near(name, AUGMENTATIONS)}")
        try:
            blocks_of(self.size, self.layers)
        except ValueError as error:
            right = max(8, 1 << (self.size.bit_length() - 1))
            raise UsageError(f"--size: {error}; try --size {right}, or another --layers") from None

    @property
    def policy(self) -> tuple[str, ...]:
        """The names of `--augment`."""
        return tuple(self.augment.split(",")) if self.augment else ()
