"""Options of `train pix2pix`."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark, panel
from fashiontools.train.options import Batch, Flip, PairOptions, Preset, ValidationOptions

PATCHES = (1, 16, 34, 70, 142, 286)
_JITTERED = 286 / 256

_network = panel("Networks (section 3.2)")
_objective = panel("Objective and optimizers (sections 3.1, 3.3)")


@dataclass(frozen=True, kw_only=True)
class Pix2pixOptions(ValidationOptions, PairOptions):
    """Train pix2pix: it makes the image `target` of the image `path`, such as a worn photo of a product photo.

    Isola, Zhu, Zhou and Efros 2016, the translator of Farnsworth's thesis (2018): a U-Net whose noise is dropout, and
    a discriminator of patches that sees the input too. The defaults are the paper's (--preset paper), but for photos
    being padded with white to squares, as in the thesis. --preset laptop is ours: 64 pixels, narrower networks.
    Rows whose split is val judge the training on the way, and the weights that make them best are kept beside the last
    ones, and are what sample takes; rows of split test are left out.

    Example: fashiontools train pix2pix pairs --preset laptop -o runs/worn
    """

    recipe: ClassVar[str] = "pix2pix"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = {
        "paper": {},
        "laptop": {
            "size": 64,
            "batch": 8,
            "generator_width": 32,
            "discriminator_width": 32,
            "patch": 34,
            "random_crop": False,
            "adversarial_weight": 0.05,
            "rate": 0.0005,
            "ema": 0.999,
        },
    }

    preset: Preset = "paper"
    batch: Batch = 1
    flip: Flip = True
    size: Annotated[
        int,
        _network(min=16, help="Side of the images, pixels; any, padded inside where it cannot be halved evenly."),
        Mark.RESULT,
    ] = 256
    fit: Annotated[
        Literal["crop", "pad", "stretch"], _network(help="How a photo becomes square (pad: with white)."), Mark.RESULT
    ] = "pad"
    random_crop: Annotated[
        bool,
        _network(
            "--random-crop/--no-random-crop",
            help="Cut each pair out of one that is 286/256 as large: the paper's jitter.",
        ),
        Mark.RESULT,
    ] = True
    generator_width: Annotated[
        int, _network(min=1, help="Feature maps of the generator's first layer; up to eight times as many follow."),
        Mark.RESULT,
    ] = 64  # fmt: skip
    discriminator_width: Annotated[
        int, _network(min=1, help="Feature maps of the discriminator's first layer."), Mark.RESULT
    ] = 64
    patch: Annotated[
        int,
        _network(metavar="|".join(map(str, PATCHES)), help="Side of the patches that are judged, pixels."),
        Mark.RESULT,
    ] = 70
    norm: Annotated[
        Literal["instance", "batch"],
        _network(help="instance: each image by itself, as the paper's batch norm of one image; batch: of a batch."),
        Mark.RESULT,
    ] = "instance"
    dropout: Annotated[
        float, _network(min=0, max=0.95, help="Share of values that the noise drops, when images are made too."),
        Mark.RESULT,
    ] = 0.5  # fmt: skip
    l1_weight: Annotated[
        float, _objective(min=0, help="Weight of the L1 distance beside the adversarial loss."), Mark.RESULT
    ] = 100.0
    adversarial_weight: Annotated[
        float, _objective(min=0, help="Weight of the adversarial loss; 0: a U-Net with L1 alone."), Mark.RESULT
    ] = 1.0
    rate: Annotated[float, _objective(min=0, help="Adam's learning rate, both networks."), Mark.RESULT] = 0.0002
    beta1: Annotated[float, _objective(min=0, max=0.999, help="Adam's beta1."), Mark.RESULT] = 0.5
    decay_from: Annotated[
        float,
        _objective(min=0, max=0.99, metavar="SHARE", help="Share of the run after which the rate falls, to 0."),
        Mark.RESULT,
    ] = 0.5

    def __post_init__(self) -> None:
        """Check that the discriminator can be built and has something to judge.

        Raises:
            UsageError: There are no such patches, or the images are too small for them.
        """
        super().__post_init__()
        if self.patch not in PATCHES:
            raise UsageError(f"--patch {self.patch}: expected one of {', '.join(map(str, PATCHES))}")
        if self.adversarial_weight and self.size < self.smallest_size:
            raise UsageError(f"--patch {self.patch} needs --size {self.smallest_size} or more: try a smaller --patch")

    @property
    def smallest_size(self) -> int:
        """The least side of images that the discriminator can judge, pixels: one patch must be left at its end."""
        return 3 << PATCHES.index(self.patch) if self.patch > 1 else 2

    @property
    def loaded_size(self) -> int:
        """As `SquareOptions.loaded_size`: what pairs are cut out of."""
        return round(self.size * _JITTERED) if self.random_crop else self.size
