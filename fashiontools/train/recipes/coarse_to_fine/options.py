"""Options of `train coarse-to-fine`."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark, in_range, panel
from fashiontools.train.options import Preset, SquareOptions, ValidationOptions
from fashiontools.train.recipes.coarse_to_fine.presets import PRESETS, check_released

DESCRIPTION = "description"
SIZES = (64, 128, 256, 512)
VGG_LAYERS = ("relu1_2", "relu2_2", "relu3_3", "relu4_3", "relu5_3")

_network = panel("Networks (sections 3.2, 3.3)")
_text = panel("Descriptions (section 3.1)")
_objective = panel("Objective (equations 1 to 6, section 4.2)")
_optimizer = panel("Optimizers (section 4.2)")
_hole = panel("Holes (section 4.1)")
_budget = panel("Budget (section 4.2)")
STEPS = 120_000


@dataclass(frozen=True, kw_only=True)
class CoarseToFineOptions(ValidationOptions, SquareOptions):
    """Train the description-aware coarse-to-fine inpainter: it fills holes of photos, guided by their descriptions.

    Kinli, Ozcan and Kirac 2020: a coarse network that is told the description, a refinement network, a global and a
    local discriminator. The defaults are the paper's (--preset paper); where it leaves a figure open, its authors'
    released code decides, and the help says "code". --preset released-code does what that code does where it is not
    the paper. --preset modern is ours: the networks correct a smooth first guess, know the mask, and are trained for
    the logarithm of the error in the hole. A new hole is drawn for each photo in each epoch.

    Example: fashiontools train coarse-to-fine photos --preset modern --size 64 --no-descriptions -o runs/inpainter
    """

    recipe: ClassVar[str] = "coarse-to-fine"
    PRESETS: ClassVar[dict[str, dict[str, Any]]] = PRESETS

    preset: Preset = "paper"

    batch: Annotated[int, _budget(min=1, help="Photos of a step, over all processes."), Mark.EXTEND] = 32
    epochs: Annotated[
        int | None,
        _budget(min=1, metavar="N", help="How often all photos are seen, in the place of --steps."),
        Mark.EXTEND,
    ] = None
    steps: Annotated[
        int | None,
        _budget(min=1, metavar="N", show_default=f"{STEPS}", help="Batches that are seen; wins over --epochs."),
        Mark.EXTEND,
    ] = None
    size: Annotated[int, _budget(min=64, help="Side of the images, pixels (section 3.2)."), Mark.RESULT] = 256
    flip: Annotated[bool, _budget("--flip/--no-flip", help="Mirror half of the photos (code)."), Mark.RESULT] = True

    width: Annotated[
        int, _network(min=4, help="Channels of the first block (code: 32); all others follow."), Mark.RESULT
    ] = 32
    norm: Annotated[
        Literal["instance", "batch"], _network(help="Of every block: rows IN and BN of table 1."), Mark.RESULT
    ] = "instance"
    upsample: Annotated[
        Literal["transpose", "bilinear"],
        _network(help="How the decoders double: rows TC and US of table 1 (bilinear, then a 1 x 1 convolution)."),
        Mark.RESULT,
    ] = "transpose"
    attention: Annotated[
        bool,
        _network("--attention/--no-attention", help="Self-attention after the dilated blocks: without, row -SA."),
        Mark.RESULT,
    ] = True
    dropout: Annotated[
        float, _network(min=0, max=0.95, help="Share of maps that every block drops (code: 0.3)."), Mark.RESULT
    ] = 0.3
    hole: Annotated[
        Literal["white", "smooth"],
        _network(help="What the coarse network sees in the hole: white (code), or the colours around, smoothed."),
        Mark.RESULT,
    ] = "white"
    mask_channel: Annotated[
        bool,
        _network("--mask-channel/--no-mask-channel", help="The mask is a fourth channel of the input."),
        Mark.RESULT,
    ] = False
    residual: Annotated[
        bool,
        _network(
            "--residual/--no-residual",
            help="The networks correct what they see, and the refinement sees the photo around the coarse fill.",
        ),
        Mark.RESULT,
    ] = False
    as_released: Annotated[
        bool,
        _network(
            "--as-released/--no-as-released",
            help="Layout and training of the released code where they are not the paper: a pooled bottleneck, an "
            "attention that never acts, a style loss without gradient, discriminators that hardly learn.",
        ),
        Mark.RESULT,
    ] = False

    descriptions: Annotated[
        bool,
        _text("--descriptions/--no-descriptions", help="Read the column `description`: without, row -D of table 1."),
        Mark.RESULT,
    ] = True
    text_width: Annotated[
        int,
        _text(min=1, help="Units of the three-layer bidirectional LSTM; 1024 make 59 million weights."),
        Mark.RESULT,
    ] = 1024
    text_features: Annotated[int, _text(min=16, help="Length of the text vector; a multiple of 16."), Mark.RESULT] = 128
    text_dropout: Annotated[
        float, _text(min=0, max=0.95, help="In the LSTM and behind it (code: 0.25)."), Mark.RESULT
    ] = 0.25
    text_length: Annotated[
        int, _text(min=3, help="Words that are read, start and end counted (code: 32)."), Mark.RESULT
    ] = 32
    vocabulary: Annotated[int, _text(min=1, help="Words that are known, at most (code: 10,000)."), Mark.RESULT] = 10_000
    word_count: Annotated[int, _text(min=1, help="Words seen more seldom are unknown (code: 3)."), Mark.RESULT] = 3

    pixel_weight: Annotated[
        float, _objective(min=0, help="Of the smooth L1 loss, equation 1; 1 : 5 to the style (code: 20)."), Mark.RESULT
    ] = 20.0
    style_weight: Annotated[
        float, _objective(min=0, help="Of the style loss, equations 2 and 3 (code: 100)."), Mark.RESULT
    ] = 100.0
    content_loss: Annotated[
        bool, _objective("--content-loss/--no-content-loss", help="Add a content loss: row CL of table 1."), Mark.RESULT
    ] = False
    content_weight: Annotated[
        float, _objective(min=0, help="Of the content loss, where it is on (ours)."), Mark.RESULT
    ] = 1.0
    reconstruction_weight: Annotated[
        float,
        _objective(min=0, help="Of the losses above against the adversarial ones, in the refinement."),
        Mark.RESULT,
    ] = 2.0
    global_weight: Annotated[float, _objective(min=0, help="Of the global adversarial loss."), Mark.RESULT] = 1.0
    local_weight: Annotated[float, _objective(min=0, help="Of the local adversarial loss."), Mark.RESULT] = 1.0
    objective: Annotated[
        Literal["cross-entropy", "hinge"],
        _objective(
            help="Of the discriminators; equation 5 has neither logarithm nor fakes, cross-entropy is its code's. "
            "With hinge they have spectral norm."
        ),
        Mark.RESULT,
    ] = "cross-entropy"
    variation_weight: Annotated[
        float, _objective(min=0, help="Of total variation, with --as-released (code: 2e-7)."), Mark.RESULT
    ] = 0.0
    log_error_weight: Annotated[
        float, _objective(min=0, help="Of the mean over photos of log(squared error in the hole)."), Mark.RESULT
    ] = 0.0
    vgg: Annotated[
        str,
        _objective(
            metavar="imagenet|untrained|FILE",
            help="Weights of the VGG16 of style and content: torchvision's, none, or a file of torchvision's. Where "
            "they cannot be had the network is untrained, and the image's own Gram matrix is added.",
        ),
        Mark.RESULT,
    ] = "imagenet"
    vgg_layers: Annotated[
        str,
        _objective(
            metavar="NAMES",
            help="Layers of the style (Johnson 2016; the paper names none); the third, or last, is the content's.",
        ),
        Mark.RESULT,
    ] = "relu1_2,relu2_2,relu3_3,relu4_3"

    coarse_rate: Annotated[float, _optimizer(min=0, help="Adam's rate, coarse network and text."), Mark.RESULT] = 0.002
    refinement_rate: Annotated[float, _optimizer(min=0, help="Adam's rate, refinement network."), Mark.RESULT] = 0.001
    discriminator_rate: Annotated[float, _optimizer(min=0, help="Adam's rate, both discriminators."), Mark.RESULT] = (
        0.0001
    )
    beta1: Annotated[float, _optimizer(min=0, max=0.999, help="Adam's beta1."), Mark.RESULT] = 0.5
    beta2: Annotated[float, _optimizer(min=0, max=0.99999, help="Adam's beta2."), Mark.RESULT] = 0.999
    schedule: Annotated[
        Literal["exponential", "cosine"],
        _optimizer(help="The rates fall by --decay at the start of each epoch, or along a cosine over the run to 0."),
        Mark.RESULT,
    ] = "exponential"
    decay: Annotated[float, _optimizer(min=0.01, max=1, help="Factor of the rates per epoch."), Mark.RESULT] = 0.95

    area: Annotated[
        tuple[float, float],
        _hole(metavar="LOW HIGH", help="The hole's part of the image (code: 1/32 to 1/16)."),
        Mark.RESULT,
    ] = (1 / 32, 1 / 16)
    aspect: Annotated[
        tuple[float, float], _hole(metavar="LOW HIGH", help="Width over height (code: 0.75 to 1.25)."), Mark.RESULT
    ] = (0.75, 1.25)
    position: Annotated[
        Literal["central", "anywhere"],
        _hole(help="central keeps out of the outer fifth on each side (code)."),
        Mark.RESULT,
    ] = "central"
    touch_garment: Annotated[
        int,
        _hole(min=0, metavar="PIXELS", help="Garment pixels that a hole covers, where a column `garment` tells them."),
        Mark.RESULT,
    ] = 8

    def __post_init__(self) -> None:
        """Check what can be checked without torch; where no length is given, it is the paper's.

        Raises:
            UsageError: An option is out of range, or two contradict each other.
        """
        super().__post_init__()
        if self.epochs is None and self.steps is None:
            object.__setattr__(self, "steps", STEPS)
        if self.size not in SIZES:
            raise UsageError(f"--size {self.size}: the six halvings of the networks want {', '.join(map(str, SIZES))}")
        check_released(self)
        bottleneck = (self.size // 64) ** 2
        if self.width % 4 or (4 * self.width) % bottleneck:
            raise UsageError(
                f"--width {self.width}: at --size {self.size} it has to be a multiple of {max(4, bottleneck // 4)}"
            )
        if self.text_features % max(16, bottleneck):
            raise UsageError(f"--text-features {self.text_features}: expected a multiple of {max(16, bottleneck)}")
        in_range("area", 0.0001, 1, self.area)
        room = (self.size - 2 * round(self.size / 5)) ** 2 / self.size**2  # without the outer fifth on each side
        if self.position == "central" and self.area[1] > room:
            raise UsageError(
                f"--area: a central hole takes {room:.3f} of the image at most; --position anywhere has room"
            )
        in_range("aspect", 0.01, 100, self.aspect)
        for layer in self.vgg_layers.split(","):
            if layer not in VGG_LAYERS:
                raise UsageError(f"--vgg-layers {layer!r}: known are {', '.join(VGG_LAYERS)}")

    @property
    def columns(self) -> dict[str, str]:
        """`description`, unless the run goes without."""
        return {DESCRIPTION: "the coarse network reads it; --no-descriptions goes without"} if self.descriptions else {}

    @property
    def files(self) -> tuple[str, ...]:
        """`garment`, which holes have to touch."""
        return ("garment",) if self.touch_garment else ()
