"""The holes that a training draws: the paper's rule, whatever the batch and the mirror."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from fashiontools.core.errors import FashiontoolsError
from fashiontools.core.manifest import Row
from fashiontools.train.recipes.coarse_to_fine.holes import Holes

SIDE = 64
RULE = {"area": (1 / 32, 1 / 16), "aspect": (0.75, 1.25), "central": True, "touched": 8}


def holes_of(garments: list[Path | None], seed: int = 0, fit: str = "crop", **rule: object) -> Holes:
    rows = [Row({"path": f"{n}.png", "garment": str(file or "")}) for n, file in enumerate(garments)]
    return Holes(rows, SIDE, fit, seed, **RULE | rule)


def drawn(holes: Holes, *numbers: int, mirrored: bool = False, epoch: int = 0) -> np.ndarray:
    return holes.draw(np.array(numbers), np.full(len(numbers), mirrored), epoch)["mask"].numpy()[:, 0] > 0


def garment(folder: Path, *places: tuple[slice, slice], size: tuple[int, int] = (SIDE, SIDE)) -> Path:
    mask = np.zeros(size, np.uint8)
    for place in places:
        mask[place] = 255
    file = folder / f"{len(list(folder.iterdir()))}.png"
    Image.fromarray(mask).save(file)
    return file


def test_area_aspect_and_place_are_the_released_codes() -> None:
    found = holes_of([None] * 300).draw(np.arange(300), np.zeros(300, bool), 0)
    assert found["mask"].shape == (300, 1, SIDE, SIDE)
    assert found["mask"].dtype == found["box"].dtype == torch.float32
    assert set(found["mask"].unique().tolist()) == {0.0, 1.0}
    boxes = np.rint(found["box"].numpy() * SIDE).astype(int)
    for mask, (top, left, bottom, right) in zip(found["mask"][:, 0].numpy(), boxes, strict=True):
        box = np.zeros((SIDE, SIDE))
        box[top:bottom, left:right] = 1
        assert np.array_equal(mask, box)
        assert min(top, left) >= 13
        assert max(bottom, right) <= 51
        height, width = bottom - top, right - left
        assert 0.028 < height * width / SIDE**2 < 0.068  # sides are whole pixels
        assert 0.65 < width / height < 1.45
    assert len(np.unique(boxes[:, 0])) > 10


def test_a_hole_depends_on_the_seed_the_photo_and_the_epoch_alone() -> None:
    holes = holes_of([None] * 9)
    together = drawn(holes, 0, 1, 2, 3)
    assert np.array_equal(drawn(holes, 3, 1)[0], together[3])
    assert np.array_equal(drawn(holes_of([None] * 9), 3)[0], together[3])
    for other in (drawn(holes, 3, epoch=1), drawn(holes_of([None] * 9, seed=1), 3), drawn(holes, 4)):
        assert not np.array_equal(other[0], together[3])


@pytest.mark.parametrize("mirrored", [False, True])
def test_holes_touch_the_garment_as_the_photo_is_shown(tmp_path: Path, mirrored: bool) -> None:
    """A garment in the left half; a mirrored photo has it in the right one."""
    file = garment(tmp_path, (slice(16, 44), slice(14, 20)))
    shown = np.zeros((SIDE, SIDE), bool)
    shown[16:44, 14:20] = True
    shown = shown[:, ::-1] if mirrored else shown
    holes = holes_of([file])
    masks = [drawn(holes, 0, mirrored=mirrored, epoch=epoch)[0] for epoch in range(40)]
    assert all((mask & shown).sum() >= 8 for mask in masks)
    assert not all((mask & shown[:, ::-1]).sum() >= 8 for mask in masks), "the rule decides nothing here"


def test_no_rule_no_garment_no_touch(tmp_path: Path) -> None:
    file = garment(tmp_path, (slice(16, 20), slice(14, 18)))
    free = [drawn(holes_of([file], touched=0), 0, epoch=epoch)[0] for epoch in range(20)]
    assert any(not mask[16:20, 14:18].any() for mask in free)
    assert np.array_equal(free[0], drawn(holes_of([None]), 0)[0])
    assert np.array_equal(free[0], drawn(holes_of([garment(tmp_path)]), 0)[0]), "an empty garment"


@pytest.mark.parametrize(
    "places",
    [
        [(slice(0, 4), slice(0, 4))],
        [(slice(0, 1), slice(0, 1))],
        [(slice(0, 2), slice(0, 2)), (slice(62, 64), slice(62, 64))],
        [(slice(14, 16), slice(14, 16)), (slice(48, 50), slice(48, 50))],
    ],
    ids=["in the corner", "one pixel", "in two corners", "in two pieces"],
)
def test_garments_that_are_hard_to_touch_are_touched(tmp_path: Path, places: list[tuple[slice, slice]]) -> None:
    """A garment out of a central hole's reach, or in pieces too far from each other, ends no training."""
    shown = np.zeros((SIDE, SIDE), bool)
    for place in places:
        shown[place] = True
    holes = holes_of([garment(tmp_path, *places)])
    for epoch in range(5):
        assert (drawn(holes, 0, epoch=epoch)[0] & shown).any()


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_the_garment_is_made_square_as_the_photo_is(tmp_path: Path, fit: str) -> None:
    """Of a wide photo with the garment in the middle column; what `pad` adds is no garment."""
    file = garment(tmp_path, (slice(None), slice(124, 132)), size=(128, 256))
    left, right = {"crop": (30, 34), "pad": (31, 33), "stretch": (31, 33)}[fit]
    top, bottom = (16, 48) if fit == "pad" else (0, 64)
    for epoch in range(10):
        mask = drawn(holes_of([file], fit=fit, central=False), 0, epoch=epoch)[0]
        assert mask[top:bottom, left:right].sum() >= 8


@pytest.mark.parametrize("damage", ["gone", "text"])
def test_a_garment_that_cannot_be_read_is_told(tmp_path: Path, damage: str) -> None:
    file = tmp_path / "garment.png"
    if damage == "text":
        file.write_text("no picture")
    with pytest.raises(FashiontoolsError, match=r"garment of 0\.png cannot be read.*garment\.png") as error:
        drawn(holes_of([file]), 0)
    assert error.value.exit_code == 2
