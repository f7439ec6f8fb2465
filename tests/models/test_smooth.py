"""The smooth first guess against a numpy pyramid, and what it must never do."""

import cv2
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from fashiontools.inpaint import fills
from fashiontools.models.inpainting.smooth import push_pull


def pyramid(weighted: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Pull and push of one channel whose sides are a power of two, with OpenCV's interpolation, and eight sweeps."""
    colour = np.divide(weighted, known, out=np.zeros_like(weighted), where=known > 0)
    side = len(known)
    if side == 1:
        return colour
    halved = [part.reshape(side // 2, 2, side // 2, 2).mean(axis=(1, 3)) for part in (weighted, known)]
    coarser = cv2.resize(pyramid(*halved), (side, side), interpolation=cv2.INTER_LINEAR)
    fill = np.where(known > 0, colour, coarser)
    for _ in range(8):
        padded = np.pad(fill, 1, mode="edge")
        mean = (padded[1:-1, :-2] + padded[1:-1, 2:] + padded[:-2, 1:-1] + padded[2:, 1:-1]) / 4
        fill = np.where(known > 0, colour, mean)
    return fill


@pytest.mark.parametrize("share", [0.1, 0.6, 0.99])
def test_it_is_a_relaxed_pyramid(share: float) -> None:
    rng = np.random.default_rng(0)
    photo, mask = rng.normal(size=(32, 32)), (rng.random((32, 32)) < share).astype(np.float64)
    expected = np.where(mask > 0, pyramid(photo * (1 - mask), 1 - mask), photo)
    filled = push_pull(torch.from_numpy(photo)[None, None], torch.from_numpy(mask)[None, None])
    assert np.allclose(filled[0, 0], expected, atol=1e-9)


def test_it_is_near_the_exact_solution() -> None:
    """Of the Laplace equation, as the classical fill solves it: nearer by far than the mean colour around the hole."""
    y, x = np.mgrid[:64, :64] / 63
    photo = np.rint(255 * (0.2 + 0.5 * y + 0.2 * np.sin(6 * x))).astype(np.uint8)
    mask = np.zeros((64, 64), np.uint8)
    mask[20:44, 12:50] = 255
    exact = fills.harmonic(photo, mask).astype(float)[mask > 0]
    given = torch.from_numpy(photo.astype(np.float64))[None, None], torch.from_numpy(mask / 255.0)[None, None]
    found = push_pull(*given)[0, 0].numpy()[mask > 0]
    assert np.abs(found - exact).mean() < 0.2 * np.abs(photo[mask == 0].mean() - exact).mean()


@settings(max_examples=60)
@given(st.integers(1, 21), st.integers(1, 21), st.integers(0, 2**32), st.floats(0, 1))
def test_known_pixels_stay_and_the_hole_lies_between_them(height: int, width: int, seed: int, share: float) -> None:
    """Any size and hole; nothing of what lies in the hole comes out, and no colour that is not between known ones."""
    generator = torch.Generator().manual_seed(seed)
    photo = torch.randn(2, 3, height, width, generator=generator)
    mask = (torch.rand(2, 1, height, width, generator=generator) < share).float()
    filled = push_pull(torch.where(mask > 0.5, torch.nan, photo), mask)
    assert torch.equal(filled, push_pull(photo, mask))
    for one, hole, result in zip(photo, mask[:, 0] > 0.5, filled, strict=True):
        assert torch.equal(result[:, ~hole], one[:, ~hole])
        if hole.all():
            assert not result.any()
        elif hole.any():
            for channel, found in zip(one[:, ~hole], result[:, hole], strict=True):
                assert channel.min() - 1e-4 <= found.min()
                assert found.max() <= channel.max() + 1e-4


@pytest.mark.parametrize("size", [(256, 256), (511, 301)])
def test_one_known_pixel_colours_everything(size: tuple[int, int]) -> None:
    mask = torch.ones(1, 1, *size)
    mask[..., 3, 5] = 0
    assert torch.allclose(push_pull(torch.full((1, 3, *size), 0.7), mask), torch.tensor(0.7), atol=1e-5)


def test_a_step_between_two_colours_is_smoothed() -> None:
    photo = torch.zeros(1, 1, 32, 32)
    photo[..., 16:] = 1
    mask = torch.zeros(1, 1, 32, 32)
    mask[..., 8:24, 8:24] = 1
    row = push_pull(photo, mask)[0, 0, 16, 8:24]
    assert (row.diff() > -1e-6).all()
    assert row.diff().max() < 0.4
