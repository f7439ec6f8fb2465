"""How the camera frames a garment or a person."""

import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment, label_of
from fashiontools.import_data.lookbook.body import Figure, Person
from fashiontools.import_data.lookbook.canvas import View

_BODY_HEADS = 7.75
_UPPER_RANGES = {"upper": (-0.3, 4.35), "full": (-0.3, 5.0)}
_LOWER_BOTTOMS = {"short": 5.6, "knee": 6.4, "3-4": 7.3, "long": 7.8}


def packshot_view(outlines: list[np.ndarray], size: tuple[int, int], fill: float) -> View:
    """Frame outlines (head units) in the middle of a picture of size (H, W), filling `fill` of it."""
    points = np.concatenate(outlines)
    low, high = points.min(axis=0), points.max(axis=0)
    height, width = size
    scale = fill * min(height / (high[1] - low[1]), width / (high[0] - low[0]))
    centre = (low + high) / 2
    return View(float(scale), float(centre[0] - width / 2 / scale), float(centre[1] - height / 2 / scale))


def worn_view(
    garment: Garment, pose: str, figure: Figure, person: Person, size: tuple[int, int], rng: np.random.Generator
) -> View:
    """Frame a worn garment.

    Args:
        garment: Decides which part of the body the closer poses show.
        pose: "front", "back", "upper" or "detail".
        figure: The posed body.
        person: Gives the height.
        size: (H, W) in pixels.
        rng: Source of a slightly unsteady camera.

    Returns:
        The view.
    """
    height, width = size
    if pose in ("front", "back"):
        scale = min(0.95 * height / _BODY_HEADS, width / 3.1) * person.height * float(rng.uniform(0.95, 1.0))
        bottom = 7.5 + (height / scale - _BODY_HEADS) * 0.35 + 0.12
        return View(scale, _left(figure.hip_shift * 0.4, width, scale, rng), bottom - height / scale)
    if pose == "upper":
        top, bottom = _closer_range(garment)
        scale = height / (bottom - top) * float(rng.uniform(0.95, 1.06))
        scale = min(scale, width / 2.0)
        return View(scale, _left(figure.hip_shift * 0.5, width, scale, rng), (top + bottom) / 2 - height / scale / 2)
    x, y = _detail_centre(garment, figure, rng)
    scale = max(height, width) / float(rng.uniform(1.7, 2.3))
    return View(scale, x - width / scale / 2, y - height / scale / 2)


def _left(centre: float, width: int, scale: float, rng: np.random.Generator) -> float:
    return centre - width / scale / 2 + float(rng.uniform(-0.12, 0.12))


def _closer_range(garment: Garment) -> tuple[float, float]:
    label = label_of(garment.category)
    if label == "lower":
        return 2.05, _LOWER_BOTTOMS.get(garment.length, 7.0)
    return _UPPER_RANGES[label]


def _detail_centre(garment: Garment, figure: Figure, rng: np.random.Generator) -> tuple[float, float]:
    """Return the point of the body a close-up is centred on, head units."""
    jitter = float(rng.uniform(-0.15, 0.15))
    if label_of(garment.category) == "lower":
        return figure.hip_shift + jitter, float(rng.uniform(3.2, 3.6))
    if rng.random() < 0.65:
        return jitter, float(rng.uniform(1.85, 2.2))
    return float(figure.centre(np.array(2.5))) + jitter * 2, float(rng.uniform(2.35, 2.7))
