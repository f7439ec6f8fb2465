"""The photos of a product: the garment alone, and worn in four poses."""

from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.import_data.lookbook.anatomy import arm_pieces, leg_pieces, trunk_pieces
from fashiontools.import_data.lookbook.attributes import Garment, label_of
from fashiontools.import_data.lookbook.body import Figure, Person, draw_figure, mannequin
from fashiontools.import_data.lookbook.canvas import Canvas, blank_canvas
from fashiontools.import_data.lookbook.cloth import Cloth, Dressing, cloth_of, companion
from fashiontools.import_data.lookbook.head import back_of_head, hair_behind, head_pieces
from fashiontools.import_data.lookbook.lower_cut import lower_dressing
from fashiontools.import_data.lookbook.painting import Piece, paint
from fashiontools.import_data.lookbook.scene import draw_backdrop, draw_camera, expose, ground_shadow
from fashiontools.import_data.lookbook.upper_cut import upper_dressing
from fashiontools.import_data.lookbook.views import packshot_view, worn_view

POSES = ("front", "back", "upper", "detail")
_DEFAULT_SIZE = (533, 400)
_SMALLEST_SIDE = 64
_PACKSHOT_LIGHT = (-0.3, -0.42, 0.857)
_SHADOW_DARKNESS = 26.0


@dataclass(frozen=True, eq=False)
class Shot:
    """One photo with its ground truth.

    Attributes:
        image: (H, W, 3) uint8 RGB.
        garment: (H, W) uint8 mask, 255 = a visible pixel of the product, 0 = anything else.
        box: (x, y, w, h) of the tight rectangle around the mask, pixels.
    """

    image: np.ndarray
    garment: np.ndarray
    box: tuple[int, int, int, int]


def draw_packshot(garment: Garment, rng: np.random.Generator, size: tuple[int, int] = _DEFAULT_SIZE) -> Shot:
    """Photograph a garment alone, as if worn by nobody, on white.

    Args:
        garment: The product; it alone decides cut, colours and pattern.
        rng: Source of how it lies and of the camera's grain.
        size: (H, W) in pixels, each at least 64.

    Returns:
        The photo; outside of the garment and its faint shadow it is white (255).
    """
    _check_size(size)
    spread = 0.2 if garment.sleeve_length == "long" else 0.34
    figure = mannequin(spread + float(rng.uniform(-0.04, 0.04)))
    dressing = _dressing_of(cloth_of(garment, True, False), figure)
    view = packshot_view(dressing.all_outlines(), size, float(rng.uniform(0.82, 0.9)))
    canvas = blank_canvas(np.full((*size, 3), 255, dtype=np.float32), view, _PACKSHOT_LIGHT)
    paint(canvas, dressing.inside)
    paint(canvas, dressing.body)
    for sleeve in dressing.sleeves:
        paint(canvas, sleeve)
    _lay_on_white(canvas)
    image = np.clip(canvas.rgb, 0, 255).astype(np.uint8)
    return _shot(image, canvas.garment)


def draw_worn(
    garment: Garment, pose: str, rng: np.random.Generator, person: Person, size: tuple[int, int] = _DEFAULT_SIZE
) -> Shot:
    """Photograph a garment worn by a person.

    Args:
        garment: The product; it alone decides cut, colours and pattern.
        pose: "front" and "back" (whole body), "upper" (where it is worn, larger) or "detail" (a close-up).
        rng: Source of the stance, the place, the light and the lens.
        person: Who wears it.
        size: (H, W) in pixels, each at least 64.

    Returns:
        The photo; its mask leaves out what arms, hands or hair hide.

    Raises:
        ValueError: For an unknown pose or a size below 64.
    """
    if pose not in POSES:
        raise ValueError(f"pose must be one of {', '.join(POSES)}, not {pose!r}")
    _check_size(size)
    figure = draw_figure(rng, person)
    camera = draw_camera(rng)
    view = worn_view(garment, pose, figure, person, size, rng)
    canvas = blank_canvas(draw_backdrop(rng, size, view), view, camera.light)
    ground_shadow(canvas, [leg[3] for leg in figure.legs], camera.light)
    _paint_wearer(canvas, garment, person, figure, pose == "back")
    return _shot(expose(canvas, camera, rng), canvas.garment)


def _paint_wearer(canvas: Canvas, garment: Garment, person: Person, figure: Figure, from_behind: bool) -> None:
    """Paint a person and what they wear from the farthest piece to the nearest."""
    outfit = [_dressing_of(cloth, figure) for cloth in _outfit(garment, person, from_behind)]
    arms: list[Piece] = []
    for index in (0, 1):
        arms += arm_pieces(figure, index, person)
        for dressing in outfit:
            arms += dressing.sleeves[index]
    hands_hidden = figure.arms_behind and not from_behind
    if not from_behind:
        paint(canvas, hair_behind(figure, person))
    if hands_hidden:
        paint(canvas, arms)
    paint(canvas, leg_pieces(figure, person, from_behind))
    paint(canvas, trunk_pieces(figure, person, from_behind))
    for dressing in outfit:
        paint(canvas, dressing.body)
    if not hands_hidden:
        paint(canvas, arms)
    paint(canvas, back_of_head(figure, person) if from_behind else head_pieces(figure, person))


def _outfit(garment: Garment, person: Person, from_behind: bool) -> list[Cloth]:
    """Return the garment and the plain pieces worn with it, the undermost first."""
    label = label_of(garment.category)
    shown = cloth_of(garment, True, from_behind)
    if label == "full":
        return [shown]
    if label == "lower":
        return [cloth_of(companion(garment, "tops", person.other_garment), False, from_behind, tucked=True), shown]
    bottom = cloth_of(
        companion(garment, "skirts" if person.heels else "pants", person.other_garment), False, from_behind
    )
    if garment.category == "jackets" and not from_behind:
        shirt = companion(garment, "tops", (238, 236, 232))
        return [cloth_of(shirt, False, from_behind, tucked=True), bottom, shown]
    return [bottom, shown]


def _dressing_of(cloth: Cloth, figure: Figure) -> Dressing:
    cut = lower_dressing if label_of(cloth.garment.category) == "lower" else upper_dressing
    return cut(cloth, figure)


def _lay_on_white(canvas: Canvas) -> None:
    """Cast the garment's faint, soft shadow onto the white below it."""
    height = len(canvas.garment)
    spread = max(3, round(height * 0.02))
    drop = round(height * 0.008)
    near = cv2.blur(cv2.blur(canvas.garment, (spread, spread)), (spread, spread))
    near = np.roll(near, drop, axis=0)
    near[:drop] = 0
    near *= 1 - canvas.figure
    canvas.rgb[:] -= (_SHADOW_DARKNESS * near)[..., None]


def _shot(image: np.ndarray, cover: np.ndarray) -> Shot:
    mask = np.where(cover > 0.5, 255, 0).astype(np.uint8)
    x, y, width, height = cv2.boundingRect(mask)
    return Shot(image, mask, (x, y, width, height))


def _check_size(size: tuple[int, int]) -> None:
    if min(size) < _SMALLEST_SIDE:
        raise ValueError(f"size must be at least {_SMALLEST_SIDE} x {_SMALLEST_SIDE}, not {size[0]} x {size[1]}")
