"""Where photos are taken: backdrops, light on them, and what the camera adds."""

from dataclasses import dataclass

import cv2
import numpy as np

from fashiontools.import_data.lookbook.attributes import pick
from fashiontools.import_data.lookbook.canvas import Canvas, View

_PAPERS = (
    (224, 206, 190),
    (196, 208, 214),
    (214, 196, 204),
    (206, 212, 196),
    (232, 220, 180),
    (150, 164, 176),
    (190, 142, 120),
)
_WALLS = ((228, 224, 216), (206, 212, 210), (222, 208, 192), (186, 194, 200), (236, 232, 228))
_WOODS = ((168, 128, 92), (142, 104, 74), (196, 164, 128), (120, 112, 106))
_FLOOR_Y = 6.75
"""Where floor and wall meet behind the feet, head units."""


@dataclass(frozen=True)
class Camera:
    """Light and lens of one photo.

    Attributes:
        light: Unit vector toward the light, x right, y down, z toward the viewer.
        warmth: Factors on red, green and blue.
        exposure: Factor on everything.
        slope_x: Change of brightness across the picture.
        slope_y: Change of brightness down the picture.
        vignette: How much darker the corners are, 0..1.
        blur: Standard deviation of the lens blur in pixels at a height of 533.
        grain: Standard deviation of the sensor noise, 0..255.
    """

    light: tuple[float, float, float]
    warmth: tuple[float, float, float]
    exposure: float
    slope_x: float
    slope_y: float
    vignette: float
    blur: float
    grain: float


def draw_camera(rng: np.random.Generator) -> Camera:
    """Draw the light and the lens of one photo."""
    x, y = float(rng.uniform(-0.62, 0.62)), float(rng.uniform(-0.5, -0.2))
    length = (x * x + y * y + 0.81) ** 0.5
    warm = float(rng.normal(0, 0.02))
    return Camera(
        light=(x / length, y / length, 0.9 / length),
        warmth=(1 + warm, 1.0, 1 - warm),
        exposure=float(rng.uniform(0.94, 1.06)),
        slope_x=0.09 * x,
        slope_y=float(rng.uniform(-0.07, 0.01)),
        vignette=float(rng.uniform(0.0, 0.14)),
        blur=float(rng.uniform(0.0, 0.6)),
        grain=float(rng.uniform(0.4, 2.2)),
    )


def draw_backdrop(rng: np.random.Generator, size: tuple[int, int], view: View) -> np.ndarray:
    """Draw what stands behind the person.

    Args:
        rng: Source of every choice.
        size: (H, W) in pixels.
        view: Places the floor.

    Returns:
        (H, W, 3) float32 RGB 0..255.
    """
    height, width = max(8, size[0] // 2), max(8, size[1] // 2)
    half_view = View(view.scale / 2, view.left, view.top)
    painter = pick(rng, (_studio, _studio, _paper, _street, _interior))
    picture = painter(rng, height, width, half_view)
    # Painted at half size and enlarged: the lens is focused on the person, not on what is behind.
    return cv2.resize(picture, (size[1], size[0]), interpolation=cv2.INTER_LINEAR)


def expose(canvas: Canvas, camera: Camera, rng: np.random.Generator) -> np.ndarray:
    """Turn the painted canvas into the photo the camera takes of it.

    Args:
        canvas: The painted scene.
        camera: Light and lens.
        rng: Source of the grain.

    Returns:
        (H, W, 3) uint8 RGB.
    """
    height, width = canvas.garment.shape
    y, x = np.meshgrid(np.linspace(-1, 1, 24), np.linspace(-1, 1, 18), indexing="ij")
    field = camera.exposure * (1 + camera.slope_x * x + camera.slope_y * y) - camera.vignette * 0.5 * (x * x + y * y)
    field = cv2.resize(field.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    tinted = cv2.merge([field * np.float32(factor) for factor in camera.warmth])
    picture = cv2.multiply(canvas.rgb, tinted)
    noise = rng.standard_normal((height, width), dtype=np.float32)
    noise *= np.float32(camera.grain)
    picture += noise[..., None]
    photo = np.clip(picture, 0, 255).astype(np.uint8)
    sigma = camera.blur * height / 533
    return cv2.GaussianBlur(photo, (3, 3), sigma) if sigma > 0.2 else photo


def ground_shadow(canvas: Canvas, spots: list[np.ndarray], light: tuple[float, float, float]) -> None:
    """Darken the floor around the feet at `spots` (head units)."""
    height, width = canvas.garment.shape
    dark = np.zeros((height // 4 + 1, width // 4 + 1), dtype=np.float32)
    view, scale = canvas.view, canvas.view.scale / 4
    for spot in spots:
        x, y = (spot - (view.left, view.top)) * scale
        centre = (round(x - 0.25 * light[0] * scale), round(y))
        cv2.ellipse(dark, centre, (max(1, round(0.42 * scale)), max(1, round(0.09 * scale))), 0, 0, 360, 1.0, -1)
    spread = max(1, round(0.3 * scale))
    dark = cv2.blur(cv2.blur(dark, (spread, spread)), (spread, spread))
    canvas.rgb[:] *= (1 - 0.38 * np.minimum(cv2.resize(dark, (width, height)), 1))[..., None]


def _floor_row(view: View) -> float:
    return (_FLOOR_Y - view.top) * view.scale


def _filled(height: int, width: int, colour: tuple[int, int, int]) -> np.ndarray:
    picture = np.empty((height, width, 3), dtype=np.float32)
    picture[:] = colour
    return picture


def _sweep(picture: np.ndarray, view: View, top: float, floor: float) -> np.ndarray:
    """Shade a seamless backdrop: brightness `top` above, softly bending into a floor of brightness `floor`."""
    rows = np.arange(len(picture), dtype=np.float32)
    bend = (rows - _floor_row(view)) / max(view.scale * 0.9, 1.0)
    profile = (
        top + (1 - top) * np.clip((rows / max(_floor_row(view), 1.0)), 0, 1) + (floor - 1) / (1 + np.exp(-3 * bend))
    )
    columns = np.linspace(-1, 1, picture.shape[1], dtype=np.float32)
    picture *= (profile[:, None] * (1.02 - 0.07 * np.square(columns)))[..., None].astype(np.float32)
    return picture


def _studio(rng: np.random.Generator, height: int, width: int, view: View) -> np.ndarray:
    gray = int(rng.integers(196, 246))
    tint = rng.integers(-3, 4, 2)
    picture = _filled(height, width, (gray + int(tint[0]), gray, gray + int(tint[1])))
    return _sweep(picture, view, float(rng.uniform(0.93, 1.03)), float(rng.uniform(0.9, 1.03)))


def _paper(rng: np.random.Generator, height: int, width: int, view: View) -> np.ndarray:
    return _sweep(_filled(height, width, pick(rng, _PAPERS)), view, float(rng.uniform(0.85, 0.97)), 0.93)


def _street(rng: np.random.Generator, height: int, width: int, view: View) -> np.ndarray:
    picture = _sweep(_filled(height, width, (206, 220, 234)), view, 1.04, 1.0)
    floor = round(_floor_row(view))
    x = -float(rng.uniform(0, 0.3)) * width
    while x < width:
        wide, tall = float(rng.uniform(0.22, 0.5)) * width, float(rng.uniform(3.5, 8.0)) * view.scale
        gray = int(rng.integers(120, 190))
        colour = (gray + int(rng.integers(-6, 26)), gray, gray - int(rng.integers(0, 20)))
        cv2.rectangle(picture, (round(x), round(floor - tall)), (round(x + wide), floor), colour, -1)
        _windows(picture, rng, (x, floor - tall, wide, tall), view.scale)
        x += wide
    pavement = int(rng.integers(146, 186))
    cv2.rectangle(picture, (0, floor), (width, height), (pavement, pavement, pavement - 4), -1)
    cv2.line(
        picture, (0, floor + round(0.3 * view.scale)), (width, floor + round(0.3 * view.scale)), (120, 120, 120), 2
    )
    spread = max(3, round(0.16 * view.scale) | 1)
    return cv2.blur(cv2.blur(picture, (spread, spread)), (spread, spread))


def _windows(
    picture: np.ndarray, rng: np.random.Generator, house: tuple[float, float, float, float], scale: float
) -> None:
    left, top, wide, tall = house
    tone = int(rng.integers(70, 120))
    columns = max(2, round(wide / (0.7 * scale)))
    for row in range(int(tall / scale)):
        for column in range(columns):
            x, y = left + (column + 0.25) * wide / columns, top + (row + 0.3) * scale
            corner = (round(x + 0.5 * wide / columns), round(y + 0.55 * scale))
            cv2.rectangle(picture, (round(x), round(y)), corner, (tone, tone + 8, tone + 16), -1)


def _interior(rng: np.random.Generator, height: int, width: int, view: View) -> np.ndarray:
    picture = _sweep(_filled(height, width, pick(rng, _WALLS)), view, 0.95, 1.0)
    floor, scale = round(_floor_row(view)), view.scale
    wood = np.array(pick(rng, _WOODS), dtype=np.float32)
    if floor < height:
        rows = picture[max(floor, 0) :]
        depth = np.linspace(0.0, 1.0, len(rows), dtype=np.float32)[:, None]
        spread = np.linspace(-1, 1, width, dtype=np.float32)[None, :] / (0.5 + 0.9 * depth)
        plank = np.sin(np.floor(spread * 9 + 3) * 12.9) * 0.06 + 0.97
        rows[:] = wood * (plank * (0.9 + 0.12 * depth))[..., None]
    cv2.rectangle(picture, (0, floor - round(0.24 * scale)), (width, floor), (240, 238, 234), -1)
    if rng.random() < 0.6:
        x, y = float(rng.uniform(-0.1, 0.85)) * width, floor - float(rng.uniform(4.5, 6.0)) * scale
        corner = (round(x + 1.3 * scale), round(y + 1.8 * scale))
        cv2.rectangle(picture, (round(x), round(y)), corner, (92, 74, 60), -1)
        inner = (
            (round(x + 0.12 * scale), round(y + 0.12 * scale)),
            (corner[0] - round(0.12 * scale), corner[1] - round(0.12 * scale)),
        )
        cv2.rectangle(picture, *inner, tuple(int(c) for c in rng.integers(140, 235, 3)), -1)
    spread = max(1, round(0.05 * scale))
    return cv2.blur(picture, (spread, spread))
