"""Options of `mask`."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from fashiontools.core.command import Command
from fashiontools.core.errors import UsageError
from fashiontools.core.options import Mark, RowOptions, flag, in_range

Shape = Literal["rectangle", "center", "strokes", "random-boxes", "garment"]
TOUCHED_PIXELS = 8


@dataclass(frozen=True)
class ShapeDefaults:
    """What a shape does where the user says nothing; None: the option has no meaning for the shape.

    Attributes:
        area: Low and high of the hole's share of the image.
        aspect: Low and high of width over height.
        position: Where rectangles may lie.
        count: Parts of a mask.
    """

    area: tuple[float, float] | None
    aspect: tuple[float, float] | None
    position: str | None
    count: int | None


PHOTOS_OWN = (0.0, 0.0)
"""The aspect that stands for the photo's own."""

DEFAULTS: dict[str, ShapeDefaults] = {
    # The paper's rectangles, with the figures of its authors' code.
    "rectangle": ShapeDefaults((1 / 32, 1 / 16), (0.75, 1.25), "central", 1),
    # Context Encoder's hole: the middle half of both sides.
    "center": ShapeDefaults((0.25, 0.25), PHOTOS_OWN, None, None),
    "strokes": ShapeDefaults((0.1, 0.25), None, None, 4),
    "random-boxes": ShapeDefaults((0.1, 0.3), (0.5, 2.0), "anywhere", 4),
    "garment": ShapeDefaults(None, None, None, None),
}


@dataclass(frozen=True, kw_only=True)
class MaskOptions(RowOptions):
    """Draw hole masks for photos: 255 = hole, 0 = keep.

    No photo is copied: the output manifest points to photo and mask. What is drawn for a photo depends on the
    seed, the photo's SHA-256 and the number of the mask.

    Example: fashiontools mask photos --shape strokes --area 0.1 0.2 -o holes
    """

    shape: Annotated[
        Shape,
        typer.Option(
            help="rectangle: Kinli, Ozcan and Kirac's holes; center: one in the middle; strokes: brush strokes; "
            "random-boxes: boxes of unequal size; garment: the garment itself."
        ),
        Mark.RESULT,
    ] = "rectangle"
    area: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            show_default=False,
            help="Share of the image that the hole covers. Default: 1/32 to 1/16 (rectangle), 1/4 (center), "
            "0.1 to 0.25 (strokes), 0.1 to 0.3 (random-boxes).",
        ),
        Mark.RESULT,
    ] = None
    aspect: Annotated[
        tuple[float, float] | None,
        typer.Option(
            metavar="LOW HIGH",
            show_default=False,
            help="Width over height of each box. Default: 0.75 to 1.25 (rectangle), 0.5 to 2 (random-boxes), "
            "the photo's own (center).",
        ),
        Mark.RESULT,
    ] = None
    position: Annotated[
        Literal["central", "anywhere"] | None,
        typer.Option(
            show_default=False,
            help="Boxes inside the central three fifths (default of rectangle) or anywhere (of random-boxes).",
        ),
        Mark.RESULT,
    ] = None
    count: Annotated[
        int | None,
        typer.Option(min=1, show_default=False, help="Parts of a mask. Default: 1 rectangle, 4 strokes, 4 boxes."),
        Mark.RESULT,
    ] = None
    per_photo: Annotated[int, typer.Option(min=1, help="Masks of a photo, one row each."), Mark.RESULT] = 1
    touch_garment: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="PIXELS",
            show_default=False,
            help="Each box covers at least this many garment pixels; 0 lets it fall anywhere. Without a garment "
            f"column the foreground is estimated. Default: {TOUCHED_PIXELS} where a garment is known, else 0.",
        ),
        Mark.RESULT,
    ] = None
    preview: Annotated[
        bool, typer.Option("--preview", help="Draw preview.png, a contact sheet of photos and holes."), Mark.RUN
    ] = False

    def __post_init__(self) -> None:
        """Refuse options that the shape would ignore.

        Raises:
            UsageError: An option has no meaning for the shape, or is out of range.
        """
        defaults = DEFAULTS[self.shape]
        in_range("area", 0.0001, 1, self.area)
        in_range("aspect", 0.01, 100, self.aspect)
        for name in ("area", "aspect", "position", "count"):
            if getattr(self, name) is not None and getattr(defaults, name) is None:
                fits = ", ".join(shape for shape, other in DEFAULTS.items() if getattr(other, name) is not None)
                raise UsageError(f"{flag(name)} has no meaning for --shape {self.shape}; it has for {fits}")
        if self.touch_garment is not None and defaults.position is None:
            raise UsageError(f"--touch-garment is for boxes (rectangle, random-boxes), not for --shape {self.shape}")


COMMAND = Command(
    target="fashiontools.mask.options:MaskOptions",
    step="fashiontools.mask.step:mask",
    summary="Draw hole masks for photos.",
    source="Kinli, Ozcan and Kirac (rectangle)",
    folder="mask",
)
