"""What a garment looks like: the colours of a region of a photo, measured so that edges and shadows do not count."""

import math
from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.import_data.ccp.colours import colour_name
from fashiontools.import_data.ccp.garments import Garment

_FEWEST_PIXELS = 30
_DEPTHS = (6, 4, 3, 2, 1)
_PATTERN_PIXELS = 600
_LEAST_SHARE = 0.2
_FAR_APART = 35.0
_LIGHT = 55.0
_BLUE_OF_DENIM = -4.0
_SAME_HUE = math.cos(math.radians(30))
_SKIN_NAMES = ("brown", "dark brown", "taupe", "tan", "camel", "beige", "blush")
_SMOOTHING = 1.0
_MEANS_PIXELS = 4000
_ROUNDS = 12


@dataclass(frozen=True)
class Look:
    """How a garment looks.

    Attributes:
        colours: One name, two where it has two, the larger one first, none where too little of it is seen.
        patterned: Its colours, or shades of one, alternate all over it.
    """

    colours: tuple[str, ...] = ()
    patterned: bool = False


def core_of(region: np.ndarray) -> np.ndarray:
    """The inside of a region, away from its edges, where the pixels of two things mix.

    Args:
        region: (H, W) bool.

    Returns:
        (H, W) bool: the pixels deeper than 6, 4, 3, 2 or 1 pixels, the deepest choice that leaves a third of the
        region; the region itself where it is thinner.
    """
    padded = np.pad(region.astype(np.uint8), 1)
    depth = cv2.distanceTransform(padded, cv2.DIST_L2, 3)[1:-1, 1:-1]
    enough = max(2 * _FEWEST_PIXELS, int(region.sum()) // 3)
    return next((core for core in (depth > least for least in _DEPTHS) if core.sum() >= enough), region)


def look_of(lab: np.ndarray, region: np.ndarray, garment: Garment) -> Look:
    """Measure a garment.

    The colour is the median of the region's inside. 2-means in CIELAB finds a second colour, and how often neighbours
    belong to different means tells a pattern, which alternates all over the garment, from large patches. Folds, shadows
    and glare also make two means, but in large patches of one hue.

    Args:
        lab: (H, W, 3) float32 CIELAB, cut to the region's box or larger.
        region: (H, W) bool.
        garment: What it is: whether it is measured, may have a pattern, may be sheer.

    Returns:
        The look; without colours where fewer than 30 pixels are seen.
    """
    core = core_of(region) if garment.measured else region[:0]
    if core.sum() < _FEWEST_PIXELS:
        return Look()
    pixels = lab[core]
    first, second, side = _two_means(cv2.GaussianBlur(lab, (0, 0), _SMOOTHING)[core])
    parts = sorted((pixels[~side], pixels[side]), key=len, reverse=True)
    share = len(parts[1]) / len(pixels)
    if garment.patterns and len(pixels) >= _PATTERN_PIXELS and share >= _LEAST_SHARE:
        patterned = _is_pattern(first, second, _alternation(core, side))
        if patterned or (share >= 0.3 and _are_two_colours(first, second)):
            return Look(tuple(dict.fromkeys(colour_name(_measured(part)) for part in parts)), patterned)
    # Between two colours lies a third one that is not there: black shoes with white soles are not gray.
    seen = _measured(parts[0] if np.linalg.norm(first - second) > _FAR_APART else pixels)
    name = colour_name(seen)
    if garment.sheer and name in _SKIN_NAMES:
        name = _through_skin(seen, name)
    if garment.denim and name == "black" and seen[2] < _BLUE_OF_DENIM:
        name = "navy"
    return Look((name,))


def _measured(pixels: np.ndarray) -> np.ndarray:
    """The colour of (N, 3) pixels, CIELAB: their median; of light things the median of the lit half, since one calls
    a white shirt white in spite of its folds, while the lit half of dark things is glare."""
    middle = np.median(pixels, axis=0)
    return np.median(pixels[pixels[:, 0] >= middle[0]], axis=0) if middle[0] > _LIGHT else middle


def _are_two_colours(first: np.ndarray, second: np.ndarray) -> bool:
    """Whether two means in large patches are two colours, such as sleeves of another colour, not light and shade.

    Strong light pales a saturated colour and keeps its hue, so two lightnesses of one hue are one colour.
    """
    chroma = [float(np.hypot(mean[1], mean[2])) for mean in (first, second)]
    cosine = float(first[1:] @ second[1:]) / max(chroma[0] * chroma[1], 1.0)
    if min(chroma) > 12 and cosine > _SAME_HUE and abs(first[0] - second[0]) > 8:
        return False
    return _hue_apart(first, second) >= 20 or float(np.linalg.norm(first - second)) >= 50


def _through_skin(lab: np.ndarray, name: str) -> str:
    """What stockings of the colour of skin are called: sheer, or sheer black where skin shines through black."""
    chroma, hue = math.hypot(lab[1], lab[2]), math.degrees(math.atan2(lab[2], lab[1]))
    if lab[0] < 45 and chroma < 16:
        return "sheer black"
    return "sheer" if 30 <= hue <= 80 else name


def _is_pattern(first: np.ndarray, second: np.ndarray, alternation: float) -> bool:
    """Whether two means that alternate so often (share of neighbours) are colours of a pattern, not light and shade.

    The bounds come from looking at the set's own garments, at its own scale (photos about 550 x 830).
    """
    distance = float(np.linalg.norm(first - second))
    hue_apart = _hue_apart(first, second)
    if alternation >= 0.14:
        return distance >= 14
    if alternation >= 0.11:
        return distance >= 22
    if alternation >= 0.09:
        return distance >= 30 or (distance >= 22 and hue_apart >= 6)
    return alternation >= 0.06 and distance >= 24 and (hue_apart >= 12 or distance >= 36)


def _hue_apart(first: np.ndarray, second: np.ndarray) -> float:
    """How far the chroma of the darker colour is from that of the lighter one in the shade, in CIELAB units."""
    dark, light = sorted((first, second), key=lambda mean: mean[0])
    in_shade = light[1:] * dark[0] / max(light[0], 1.0)
    return float(np.linalg.norm(dark[1:] - in_shade))


def _two_means(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """2-means of (N, 3) pixels, begun at the two halves along their longest axis: means, and whose each is."""
    some = pixels[:: 1 + len(pixels) // _MEANS_PIXELS].astype(np.float64)
    centred = some - some.mean(axis=0)
    along = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    middle = float(np.median(some @ along))
    first = second = some.mean(axis=0)
    for _ in range(_ROUNDS):
        side = some @ along > middle
        if side.all() or not side.any():
            break
        first, second = some[~side].mean(axis=0), some[side].mean(axis=0)
        along = second - first
        middle = float(along @ (first + second)) / 2
    return first, second, pixels @ along > middle


def _alternation(core: np.ndarray, side: np.ndarray) -> float:
    """The share of neighbouring pixels of the core, across and down, that lie on different sides."""
    sides = np.zeros(core.shape, np.int8)
    sides[core] = np.where(side, 1, -1)
    pairs = [sides[:, 1:] * sides[:, :-1], sides[1:] * sides[:-1]]
    unlike, alike = (sum(int((pair == sign).sum()) for pair in pairs) for sign in (-1, 1))
    return unlike / max(1, unlike + alike)
