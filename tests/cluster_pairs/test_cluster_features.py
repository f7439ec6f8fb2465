"""The features against independent ways to compute them, and against drawn people whose outline is known."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage
from skimage.feature import canny

from fashiontools.cluster_pairs.background import stands_out
from fashiontools.cluster_pairs.features.canny import canny_steps
from fashiontools.cluster_pairs.features.figure import enclosed, figure_steps
from fashiontools.cluster_pairs.features.gray import gray_steps
from fashiontools.cluster_pairs.features.threshold_mask import adaptive_mask_steps, threshold_mask_steps
from fashiontools.cluster_pairs.options import FEATURES
from fashiontools.cluster_pairs.photo import Photo
from fashiontools.cluster_pairs.views import find_body

Person = Callable[[tuple[int, int]], np.ndarray]


def dressed(mask: np.ndarray, background: np.ndarray, colours: tuple[tuple[int, ...], ...]) -> np.ndarray:
    """A photo of a person in stripes of several colours before a background."""
    stripes = np.array(colours, np.uint8)[np.arange(len(mask)) * len(colours) * 3 // len(mask) % len(colours)]
    return np.where(mask[..., None], stripes[:, None], background.astype(np.uint8))


def plain(size: tuple[int, int], colour: tuple[int, int, int]) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.uint8), (*size, 3)).copy()


def cells(pixels: np.ndarray) -> np.ndarray:
    """256 x 256 pixels as the means of 64 x 64 cells."""
    return pixels.reshape(64, 4, 64, 4).astype(float).mean(axis=(1, 3))


def middle(pixels: np.ndarray) -> np.ndarray:
    return pixels[:, 70:186]


@pytest.fixture
def photo(house) -> np.ndarray:
    return np.asarray(Image.open(next(house.glob("*/p00003@1.jpg"))).convert("RGB").resize((192, 256)))


def on_white(photo: np.ndarray) -> np.ndarray:
    """The seed's square: the shorter side extended with white."""
    return np.pad(photo, ((0, 0), (32, 32), (0, 0)), constant_values=255)


@pytest.mark.parametrize("name", list(FEATURES))
@pytest.mark.parametrize("shape", [(300, 200, 3), (64, 64, 3), (90, 250), (1, 1, 3)])
def test_every_feature_ends_in_a_picture_of_one_size(name: str, shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    steps = FEATURES[name].load()(Photo(pixels))
    assert steps[-1].pixels.shape == (64, 64)
    assert all(step.pixels.dtype == np.uint8 and step.name for step in steps)


def test_gray_is_the_mean_luma_of_cells(photo: np.ndarray) -> None:
    luma = np.asarray(Image.fromarray(on_white(photo)).convert("L"))
    assert np.abs(gray_steps(Photo(photo))[-1].pixels - cells(luma)).max() <= 1.5


def test_threshold_mask_is_the_theses(photo: np.ndarray) -> None:
    """By SciPy: binomial blur, 200, holes filled; the seed's order of steps and its polarity."""
    luma = middle(np.asarray(Image.fromarray(on_white(photo)).convert("L"))).astype(float)
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    blurred = ndimage.convolve1d(ndimage.convolve1d(luma, kernel, 0, mode="mirror"), kernel, 1, mode="mirror")
    wanted = ndimage.binary_fill_holes(blurred <= 200)
    steps = {step.name: step.pixels for step in threshold_mask_steps(Photo(photo))}
    assert 0.02 < wanted.mean() < 0.98
    assert (wanted != (steps["filled"] > 0)).mean() < 0.002  # levels are rounded on the way
    cell = steps["64 x 64"].astype(float)
    assert abs(cell.mean() / 255 - (steps["filled"] > 0).mean()) < 0.01


def test_threshold_mask_fills_what_a_person_encloses(person: Person) -> None:
    mask = person((256, 192))
    shirt = np.zeros_like(mask)
    shirt[70:110, 88:104] = True
    pixels = np.where((mask & ~shirt)[..., None], np.uint8(60), np.uint8(255)).repeat(3, axis=2)
    steps = {step.name: step.pixels for step in threshold_mask_steps(Photo(pixels))}
    assert not middle(np.pad(steps["threshold"], ((0, 0), (70, 70))))[90, 58], "white before it is filled"
    assert steps["filled"][90, 58]


@pytest.mark.parametrize(("paper", "cloth"), [(255, 60), (120, 30), (40, 200), (150, 240)])
def test_adaptive_mask_finds_a_person_on_any_plain_paper(person: Person, paper: int, cloth: int) -> None:
    mask = person((256, 192))
    pixels = np.where(mask[..., None], np.uint8(cloth), np.uint8(paper)).repeat(3, axis=2)
    filled = next(step.pixels for step in adaptive_mask_steps(Photo(pixels)) if step.name == "filled")
    truth = ndimage.binary_fill_holes(middle(np.pad(mask, ((0, 0), (32, 32)))))
    assert (truth & (filled > 0)).sum() / (truth | (filled > 0)).sum() > 0.93


def test_canny_agrees_with_scikit_image(photo: np.ndarray) -> None:
    """Another implementation smooths first, so edges are compared within two pixels, on a disc of known outline."""
    y, x = np.mgrid[:256, :192]
    disc = np.where(np.hypot(y - 128, x - 96) < 40, np.uint8(40), np.uint8(220))
    edges = next(step.pixels for step in canny_steps(Photo(disc)) if step.name == "edges") > 0
    theirs = middle(canny(np.pad(disc, ((0, 0), (32, 32)), constant_values=255).astype(float), sigma=1))
    radius = np.hypot(np.nonzero(edges)[0] - 128, np.nonzero(edges)[1] + 70 - 128)
    assert np.abs(radius - 40).max() <= 2
    assert edges.sum() > 2 * 40 * np.sqrt(2) * 2, "a closed line, counted in steps of eight directions"
    assert ndimage.binary_dilation(theirs, iterations=2)[edges].all()
    assert ndimage.binary_dilation(edges, iterations=2)[theirs].all()


def test_the_edge_of_the_padding_is_no_edge(person: Person) -> None:
    """The artefact that the thesis saw in figure 16: a gray photo on white."""
    gray = plain((256, 192), (150, 150, 150))
    for name in ("canny", "adaptive-mask", "threshold-mask"):
        *_, last = FEATURES[name].load()(Photo(gray))
        assert len(np.unique(last.pixels)) == 1, name
    assert not figure_steps(Photo(gray))[-1].pixels.any()


# ------------------------------------------------------------------------------------------------------------ figure


def backgrounds(size: tuple[int, int]) -> dict[str, np.ndarray]:
    height, width = size
    rng = np.random.default_rng(0)
    down = np.linspace(0, 1, height)[:, None, None]
    across = np.linspace(0, 1, width)[None, :, None]
    floor = np.where(down > 0.85, [120.0, 90, 60], [200.0, 196, 190]) + 0 * across
    houses = (rng.integers(120, 190, (9, 1, 1)) + rng.integers(-5, 6, (9, 6, 3))).astype(np.uint8)
    street = Image.fromarray(houses).resize((width, height), Image.Resampling.BICUBIC)
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j]
    return {
        "white": plain(size, (255, 255, 255)),
        "black": plain(size, (15, 15, 15)),
        "coloured": plain(size, (190, 120, 100)),
        "gradient": np.clip([230, 220, 210] - 90 * down - 25 * across, 0, 255),
        "vignette": (225 - 35 * (x**2 + y**2))[..., None].repeat(3, axis=2),
        "floor": np.broadcast_to(floor, (*size, 3)),
        "street": np.asarray(street) + 0.0,
    }


@pytest.mark.parametrize("name", list(backgrounds((8, 8))))
def test_figure_finds_a_person_on_any_background(person: Person, name: str) -> None:
    size = (256, 192)
    mask = person(size)
    pixels = dressed(mask, backgrounds(size)[name], ((20, 30, 160), (235, 200, 30), (160, 20, 60)))
    found = figure_steps(Photo(pixels))[-1].pixels > 127
    truth = cells(np.pad(ndimage.binary_fill_holes(mask), ((0, 0), (32, 32)))) > 0.5
    assert (found & truth).sum() / truth.sum() > 0.9
    assert (found & ~truth).mean() < 0.06  # between legs and beside the waist, which is enclosed too


def test_what_stands_out_is_measured_in_lab() -> None:
    """A gray thing before gray paper: L of both by the closed form of CIELAB."""
    pixels = plain((96, 96), (200, 200, 200))
    pixels[30:60, 30:60] = 100
    linear = ((np.array([200, 100]) / 255 + 0.055) / 1.055) ** 2.4
    light = 116 * np.cbrt(linear) - 16
    distance = stands_out(pixels).distance
    assert distance[45, 45] == pytest.approx(light[0] - light[1], abs=0.1)
    assert distance[5, 50] == pytest.approx(0, abs=0.1)


def test_enclosed_is_the_least_of_four_running_maxima() -> None:
    figure = np.random.default_rng(1).random((9, 7)).astype(np.float32)
    wanted = [
        [min(figure[y, : x + 1].max(), figure[y, x:].max(), figure[: y + 1, x].max(), figure[y:, x].max())
         for x in range(7)] for y in range(9)
    ]  # fmt: skip
    assert np.array_equal(enclosed(figure), np.array(wanted, np.float32))


def test_a_body_is_found_where_it_stands(person: Person) -> None:
    mask = person((96, 72))
    body = find_body(mask.astype(np.float32))
    rows = np.flatnonzero(mask.any(axis=1))
    assert (body.top, body.bottom) == (rows[0], rows[-1] + 1)
    assert body.centre == pytest.approx(36, abs=1)
    gap = mask.copy()
    gap[48:54] = False  # a waist as light as the wall
    assert find_body(gap.astype(np.float32))[:2] == body[:2]
    assert find_body(mask[:40].repeat(2, axis=0)[:30].astype(np.float32) * 0) is None
