"""The patterns of the house: what is printed, woven or worked into a repeating tile of cloth."""

from collections.abc import Callable

import cv2
import numpy as np

from fashiontools.import_data.lookbook.attributes import Garment, Rgb
from fashiontools.import_data.lookbook.geometry import ellipse

_SHIFT = 4


def draw_pattern(garment: Garment, size: int) -> np.ndarray:
    """Draw the tile of a garment's pattern.

    Args:
        garment: Names the pattern and the colours; `motif_seed` fixes where the motifs lie.
        size: Side of the tile in pixels.

    Returns:
        (size, size, 4) uint8, RGB and opacity (255 = opaque), seamless when repeated.
    """
    tile = np.empty((size, size, 4), dtype=np.uint8)
    tile[:] = (*garment.base, 255)
    rng = np.random.default_rng(garment.motif_seed)
    painter: Callable[[np.ndarray, Garment, np.random.Generator], None] | None = {
        "floral": _paint_flowers,
        "lace": _paint_lace,
        "polkadots": _paint_dots,
        "print": _paint_print,
        "stripes": _paint_stripes,
    }.get(garment.pattern)
    if painter is not None:
        painter(tile, garment, rng)
    return tile


def _fill(tile: np.ndarray, outline: np.ndarray, value: tuple[int, ...]) -> None:
    """Fill a polygon given in tile units (0..1), again on every side where it crosses the tile's edge."""
    size = len(tile)
    low, high = outline.min(axis=0), outline.max(axis=0)
    shifts_x = [0.0] + [1.0] * bool(low[0] < 0) + [-1.0] * bool(high[0] > 1)
    shifts_y = [0.0] + [1.0] * bool(low[1] < 0) + [-1.0] * bool(high[1] > 1)
    for dx in shifts_x:
        for dy in shifts_y:
            corners = ((outline + (dx, dy)) * size - 0.5) * (1 << _SHIFT)
            cv2.fillPoly(tile, [np.rint(corners).astype(np.int32)], value, cv2.LINE_AA, _SHIFT)


def _scatter(count: int, rng: np.random.Generator) -> np.ndarray:
    """Return `count` x `count` points of a jittered, brick-laid grid over the tile, (count ** 2, 2) in 0..1."""
    rows, columns = np.mgrid[0:count, 0:count].astype(np.float64)
    columns += 0.5 * (rows % 2)
    points = np.stack([columns, rows], axis=-1).reshape(-1, 2) + rng.uniform(-0.22, 0.22, (count * count, 2))
    return points / count % 1


def _blossom(centre: np.ndarray, radius: float, petals: int, turn: float) -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, 8 * petals, endpoint=False)
    reach = radius * (0.62 + 0.38 * np.abs(np.cos((angles - turn) * petals / 2)))
    return centre + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)


def _leaf(centre: np.ndarray, angle: float, length: float, width: float) -> np.ndarray:
    t = np.linspace(0, np.pi, 7)
    out = np.stack([np.linspace(0, length, 7), width * np.sin(t)], axis=1)
    back = np.stack([np.linspace(length, 0, 7), -width * np.sin(t)], axis=1)
    cos, sin = np.cos(angle), np.sin(angle)
    return centre + np.concatenate([out, back]) @ np.array([[cos, sin], [-sin, cos]])


def _paint_flowers(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = round(8 / garment.motif_scale)
    foliage = _blend((70, 118, 72), garment.base, 0.25)
    heart = (246, 206, 84) if garment.color != "yellow" else (150, 80, 40)
    for centre in _scatter(count, rng):
        radius = 0.42 / count * float(rng.uniform(0.7, 1.25))
        turn = float(rng.uniform(0, 6.3))
        for side in (0.0, float(rng.uniform(1.4, 2.6))):
            _fill(tile, _leaf(centre, turn + side, radius * 1.75, radius * 0.24), (*foliage, 255))
        petals = int(rng.integers(5, 7))
        colour = garment.accent if rng.random() < 0.65 else garment.second
        _fill(tile, _blossom(centre, radius, petals, turn), (*colour, 255))
        _fill(tile, _blossom(centre, radius * 0.6, petals, turn), (*_blend(colour, garment.base, 0.3), 255))
        _fill(tile, _blossom(centre, radius * 0.3, 5, 0.0), (*heart, 255))


def _paint_dots(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = 2 * round(5 / garment.motif_scale * float(rng.choice([0.7, 1.0, 1.5])))
    radius = float(rng.uniform(0.22, 0.3)) / count
    for row in range(count):
        for column in range(count):
            centre = (column + 0.5 * (row % 2) + 0.25) / count, (row + 0.5) / count
            _fill(tile, ellipse(centre, (radius, radius)), (*garment.accent, 255))


def _paint_stripes(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = round(float(rng.choice([8, 11, 16])) / garment.motif_scale)
    share = float(rng.uniform(0.28, 0.45))
    upright = garment.category in ("pants", "jackets", "blouses") or rng.random() < 0.2
    doubled = rng.random() < 0.3
    bands = [(0.0, share, garment.accent)]
    if doubled:
        bands = [(0.0, share * 0.6, garment.accent), (share * 0.9, share * 1.2, garment.second)]
    for index in range(count):
        for start, stop, colour in bands:
            low, high = (index + start) / count, (index + stop) / count
            corners = np.array([[-0.01, low], [1.01, low], [1.01, high], [-0.01, high]])
            _fill(tile, corners[:, ::-1] if upright else corners, (*colour, 255))


def _paint_print(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    painters = (_paint_paisley, _paint_check, _paint_blobs, _paint_letters)
    painters[int(rng.integers(len(painters)))](tile, garment, rng)


def _paint_paisley(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = round(6 / garment.motif_scale)
    t = np.linspace(0, 2 * np.pi, 28, endpoint=False)
    # A drop whose tip is bent sideways, the paisley's outline.
    drop = np.stack([0.5 * np.sin(t) * np.sin(t / 2) + 0.32 * np.cos(t / 2) ** 6, -np.cos(t) * 0.8], axis=1)
    for centre in _scatter(count, rng):
        angle = float(rng.uniform(0, 6.3))
        cos, sin = np.cos(angle), np.sin(angle)
        shape = drop @ np.array([[cos, sin], [-sin, cos]]) * (0.5 / count)
        for share, colour in (
            (1.0, garment.accent),
            (0.72, garment.base),
            (0.5, garment.second),
            (0.2, garment.accent),
        ):
            _fill(tile, centre + shape * share, (*colour, 255))


def _paint_check(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = round(7 / garment.motif_scale)
    ramp = (np.arange(len(tile)) / len(tile) * count) % 1
    wide, thin = (ramp < 0.42).astype(np.float32), (np.abs(ramp - 0.72) < 0.035).astype(np.float32)
    colour = tile[..., :3].astype(np.float32)
    for band, tone, weight in ((wide, garment.accent, 0.42), (thin, garment.second, 0.8)):
        cover = weight * (band[:, None] + band[None, :] * (1 - 0.4 * band[:, None]))[..., None]
        colour += (np.array(tone, dtype=np.float32) - colour) * np.clip(cover, 0, 0.85)
    tile[..., :3] = np.clip(colour, 0, 255).astype(np.uint8)


def _paint_blobs(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    count = round(5 / garment.motif_scale) + 1
    angles = np.linspace(0, 2 * np.pi, 36, endpoint=False)
    for centre in _scatter(count, rng):
        phases = rng.uniform(0, 6.3, 3)
        reach = 1 + sum(0.22 * np.sin((k + 2) * angles + phases[k]) for k in range(3))
        reach = reach * (0.36 / count * float(rng.uniform(0.6, 1.2)))
        colour = garment.accent if rng.random() < 0.6 else garment.second
        _fill(tile, centre + reach[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1), (*colour, 255))


def _paint_letters(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    size = len(tile)
    rows = round(7 / garment.motif_scale)
    word = garment.brand.split()[0].upper().encode("ascii", "replace").decode().replace("?", "")
    (wide, tall), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
    scale = min(0.55 * size / rows / tall, 0.44 * size / wide)
    for row in range(rows):
        start = float(rng.uniform(0, 1)) * size
        for number in range(3):
            x = round((start + number * size / 2) % (1.5 * size) - size / 2)
            colour = garment.accent if number % 2 == row % 2 else garment.second
            y = round((row + 0.78) * size / rows)
            cv2.putText(tile, word, (x, y), cv2.FONT_HERSHEY_DUPLEX, scale, (*colour, 255), 2, cv2.LINE_AA)


def _paint_lace(tile: np.ndarray, garment: Garment, rng: np.random.Generator) -> None:
    """Work flowers and scallops into a thin net: the net shows what lies below, the flowers hardly do."""
    size = len(tile)
    base = garment.base
    relief = _blend(base, (255, 255, 255) if sum(base) < 600 else (150, 148, 150), 0.16)
    tile[:] = (*base, 96)
    steps = (np.arange(size) / size * 64) % 1
    threads = (np.abs(steps - 0.5) < 0.17).astype(np.uint8)
    diagonal = threads[(np.arange(size)[:, None] + np.arange(size)) % size]
    crossed = np.maximum(diagonal, diagonal[:, ::-1])
    tile[..., 3] = np.maximum(tile[..., 3], crossed * 190)
    count = round(6 / garment.motif_scale)
    for centre in _scatter(count, rng):
        radius = 0.46 / count * float(rng.uniform(0.8, 1.15))
        turn = float(rng.uniform(0, 6.3))
        for side in range(3):
            _fill(tile, _leaf(centre, turn + 2.1 * side, radius * 1.9, radius * 0.3), (*relief, 235))
        _fill(tile, _blossom(centre, radius, 6, turn), (*relief, 250))
        for petal in range(6):
            angle = turn + petal * np.pi / 3
            spot = centre + radius * 0.55 * np.array([np.cos(angle), np.sin(angle)])
            _fill(tile, _blossom(spot, radius * 0.17, 4, angle), (*base, 110))
        _fill(tile, _blossom(centre, radius * 0.2, 5, 0.0), (*base, 255))


def _blend(first: Rgb, second: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a * (1 - share) + b * share) for a, b in zip(first, second, strict=True))
    return red, green, blue
