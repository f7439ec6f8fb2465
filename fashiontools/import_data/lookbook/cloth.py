"""A garment's cloth as paintable surfaces, and the plain pieces worn along with the garment shown."""

from dataclasses import dataclass, replace

import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment, Rgb, brightness
from fashiontools.import_data.lookbook.painting import Line, Piece, Surface, Tone
from fashiontools.import_data.lookbook.shading import Folds
from fashiontools.import_data.lookbook.swatch import Swatch, garment_swatch, plain_swatch

_DRAPE = {"tight": 0.55, "normal": 0.85, "loose": 1.2}
EASE = {"tight": 0.025, "normal": 0.065, "loose": 0.15}
"""How far cloth stands off the body, head units."""


@dataclass(frozen=True, eq=False)
class Dressing:
    """A garment on a figure, in groups that bare arms and hair come between.

    Attributes:
        inside: What is seen of the far side through openings when nobody wears the garment.
        body: Trunk and legs of the garment, bottom piece first.
        sleeves: Sleeve pieces for the arm on the left and on the right of the picture.
    """

    inside: list[Piece]
    body: list[Piece]
    sleeves: tuple[list[Piece], list[Piece]]

    def all_outlines(self) -> list[np.ndarray]:
        """Return the outlines of every surface, in head units."""
        pieces = [*self.body, *self.sleeves[0], *self.sleeves[1]]
        return [outline for piece in pieces if isinstance(piece, Surface) for outline in piece.outlines]


@dataclass(frozen=True, eq=False)
class Cloth:
    """What the pieces of one garment are cut from.

    Attributes:
        garment: The garment.
        main: Its patterned cloth.
        shown: Whether it is the garment the shot is about.
        from_behind: Whether the wearer is seen from behind.
        tucked: Whether its lower end is tucked into what is worn below.
    """

    garment: Garment
    main: Swatch
    shown: bool
    from_behind: bool
    tucked: bool = False

    @property
    def contrast(self) -> Swatch:
        """Plain cloth of the accent colour, for contrasting edges."""
        return plain_swatch(self.garment.accent, self.garment.category)

    @property
    def drape(self) -> float:
        """How strongly the cloth falls into folds."""
        stiffness = 0.75 if self.garment.category in ("jackets", "knitwear") else 1.0
        return stiffness * _DRAPE[self.garment.fit]

    @property
    def phase(self) -> float:
        """The shift of the folds that is the garment's own."""
        return self.garment.motif_seed % 97 / 7.0

    @property
    def seam_colour(self) -> Tone:
        """RGB of seams: darker than the cloth, or lighter where the cloth is nearly black."""
        factor, lift = (0.62, 0.0) if brightness(self.garment.base) > 60 else (1.0, 34.0)
        red, green, blue = (factor * c + lift for c in self.garment.base)
        return red, green, blue

    def surface(
        self, outlines: tuple[np.ndarray, ...], spine: np.ndarray, half: np.ndarray, folds: Folds | None = None
    ) -> Surface:
        """Return a piece of the main cloth."""
        sheen = 34.0 if brightness(self.garment.base) < 60 else 12.0
        return Surface(
            outlines, spine, half, swatch=self.main, garment=self.shown, clothing=True, folds=folds, sheen=sheen
        )

    def edge(
        self, outline: np.ndarray, spine: np.ndarray, half: np.ndarray, ribs: float = 0.0, contrast: bool = False
    ) -> Surface:
        """Return a band, cuff or collar, ribbed where `ribs` per head unit is positive."""
        folds = Folds(ribs, 0.0, 0.5, crisp=True) if ribs else None
        piece = self.surface((outline,), spine, half, folds)
        return replace(piece, swatch=self.contrast if contrast else self.main, shadow=0.25)

    def seam(self, points: np.ndarray, width: float = 0.016, opacity: float = 0.7) -> Line:
        """Return a seam that shows on the garment only."""
        return Line(points, width, self.seam_colour, opacity, on_clothing=True)


def cloth_of(garment: Garment, shown: bool, from_behind: bool, tucked: bool = False) -> Cloth:
    """Return the cloth of a garment.

    Args:
        garment: The garment.
        shown: Whether its pixels belong to the shot's garment mask.
        from_behind: Whether it is seen from behind.
        tucked: Whether it is tucked into what is worn below.
    """
    return Cloth(garment, garment_swatch(garment), shown, from_behind, tucked)


def companion(garment: Garment, category: str, colour: Rgb) -> Garment:
    """Return the plain piece worn with a garment.

    Args:
        garment: The garment shown.
        category: "pants", "skirts" or "tops".
        colour: RGB 0..255 of the piece; moved away from the garment's own where they would blend.
    """
    distance = sum(abs(a - b) for a, b in zip(colour, garment.base, strict=True))
    if distance < 110:
        colour = (236, 234, 230) if brightness(garment.base) < 140 else (44, 46, 54)
    is_top = category == "tops"
    return replace(
        garment,
        category=category,
        color="gray",
        length={"tops": "short", "pants": "long", "skirts": "knee"}[category],
        sleeve_length="short" if is_top else "",
        fit="tight",
        pattern="unicolors",
        neckline="round" if is_top else "",
        # Nothing of the product may stay in it: equal companions share one swatch.
        brand="",
        base=colour,
        accent=colour,
        second=colour,
        motif_seed=1,
        motif_scale=1.0,
        closure="none",
        collar=False,
        silhouette="straight",
    )
