"""Contact sheets and grids: every picture in its place, whatever its size."""

from pathlib import Path

import numpy as np

from fashiontools.core.contact_sheet import HOLE_COLOUR, PreviewSheet, contact_sheet, grid, overlay_hole
from fashiontools.core.errors import BadRow
from fashiontools.core.images import read_photo
from fashiontools.core.manifest import Row, Table


def plain(colour: tuple[int, int, int], height: int = 8, width: int = 8) -> np.ndarray:
    return np.full((height, width, 3), colour, np.uint8)


def test_a_sheet_shows_pictures_of_any_size_centred_in_their_cells() -> None:
    gray = np.full((50, 50), 90, np.uint8)
    sheet = contact_sheet([[plain((255, 0, 0), 10, 40), gray], [plain((0, 0, 255), 300, 100)]], cell=40)
    assert sheet.shape == (2 * 46 + 6, 2 * 46 + 6, 3)
    assert tuple(sheet[6 + 20, 6 + 20]) == (255, 0, 0)
    assert tuple(sheet[6 + 2, 6 + 20]) == (255, 255, 255)
    assert tuple(sheet[6 + 20, 52 + 20]) == (90, 90, 90)
    assert tuple(sheet[52 + 20, 6 + 20]) == (0, 0, 255)
    assert (sheet[52:, 52:] == 255).all()


def test_titles_stand_above_the_columns() -> None:
    sheet = contact_sheet([[plain((0, 0, 0))]], titles=["photo"], cell=40)
    assert sheet.shape[0] == 46 + 6 + 22
    assert sheet[:22].min() < 128
    assert (contact_sheet([[plain((0, 0, 0))]], cell=40)[:6] == 255).all()


def test_a_sheet_of_nothing_is_white() -> None:
    assert (contact_sheet([]) == 255).all()


def test_a_grid_is_filled_row_by_row() -> None:
    colours = [(10, 0, 0), (20, 0, 0), (30, 0, 0)]
    sheet = grid([plain(colour) for colour in colours], columns=2)
    assert sheet.shape == (22, 22, 3)
    assert [tuple(sheet[y, x]) for y, x in ((5, 5), (5, 15), (15, 5))] == colours
    assert (sheet[12:, 12:] == 255).all()


def test_a_hole_is_shown_in_its_colour_and_the_photo_is_left_alone() -> None:
    photo, mask = np.full((8, 8), 90, np.uint8), np.zeros((8, 8), np.uint8)
    mask[2:4] = 255
    shown = overlay_hole(photo, mask)
    assert (shown[2:4] == HOLE_COLOUR).all()
    assert (shown[[0, 1, 4, 5, 6, 7]] == 90).all()
    assert (photo == 90).all()


def test_a_preview_shows_the_first_good_rows_and_hands_all_on(tmp_path: Path) -> None:
    rows = [Row({"path": str(number), "status": "failed" if number == 0 else "ok"}) for number in range(6)]

    def pictures_of(row: Row) -> list[np.ndarray]:
        if row["path"] == "1":
            raise BadRow("gone")
        return [plain((10 * int(row["path"]), 0, 0))]

    watched = PreviewSheet(tmp_path / "preview.png", (), most=3).watch(Table(("path",), iter(rows)), pictures_of)
    assert list(watched.rows) == rows
    sheet = read_photo(str(tmp_path / "preview.png"))
    assert sheet.shape[0] == 2 * (192 + 6) + 6
    assert [int(sheet[100 + 198 * line, 100, 0]) for line in range(2)] == [20, 30]
