"""Photos for training: squares, the cache, streaming, bad photos."""

import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row
from fashiontools.core.progress import Progress
from fashiontools.train import data, shapes
from fashiontools.train.data import Cached, Loaded, Streamed
from fashiontools.train.shapes import Scaled, Square

QUIET = Progress("train", quiet=True)


@pytest.fixture
def rows(tmp_path: Path) -> list[Row]:
    """Five photos, the second of which does not open."""
    found = []
    for number in range(5):
        file = tmp_path / "photos" / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((20, 14, 3), 40 * number, np.uint8)).save(file)
        found.append(Row({"path": str(file)}, file.name))
    Path(found[1]["path"]).write_bytes(b"no photo")
    return found


def load(rows: list[Row], cache: Path | None) -> Loaded:
    return data.load(rows, Square(8, "crop"), cache=cache, workers=2, progress=QUIET)


def shades(loaded: Loaded) -> list[int]:
    return loaded.photos.batch(np.arange(len(loaded.photos)))[:, 0, 0, 0].tolist()


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "streamed"])
def test_good_photos_in_order_and_bad_ones_with_reasons(rows: list[Row], tmp_path: Path, cached: bool) -> None:
    loaded = load(rows, tmp_path / "cache" if cached else None)
    assert isinstance(loaded.photos, Cached if cached else Streamed)
    assert shades(loaded) == [0, 80, 120, 160]
    assert [path for path, _ in loaded.bad] == [rows[1]["path"]]
    assert loaded.bad[0][1]
    assert loaded.photos.batch(np.array([3, 0, 3])).shape == (3, 8, 8, 3)
    assert loaded.photos.batch(np.array([3, 0, 3]))[:, 0, 0, 0].tolist() == [160, 0, 160]


def test_the_second_load_decodes_nothing(rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = load(rows, tmp_path / "cache")
    monkeypatch.setattr(shapes, "decode", lambda *_, **__: pytest.fail("decoded again"))
    second = load(rows, tmp_path / "cache")
    assert shades(second) == shades(first)
    assert second.bad == first.bad
    assert second.digest == first.digest


def test_a_photo_that_changed_is_decoded_again(rows: list[Row], tmp_path: Path) -> None:
    first = load(rows, tmp_path / "cache")
    Image.fromarray(np.full((20, 14, 3), 9, np.uint8)).save(rows[0]["path"])
    second = load(rows, tmp_path / "cache")
    assert shades(second)[0] == 9
    assert shades(first)[0] == 0


@pytest.mark.parametrize("damage", [b"", b"cut", b"junk" * 1000])
def test_a_damaged_cache_is_built_anew(rows: list[Row], tmp_path: Path, damage: bytes) -> None:
    load(rows, tmp_path / "cache")
    next((tmp_path / "cache").glob("*.bin")).write_bytes(damage)
    assert shades(load(rows, tmp_path / "cache")) == [0, 80, 120, 160]


def test_the_cache_leaves_nothing_else_behind(rows: list[Row], tmp_path: Path) -> None:
    load(rows, tmp_path / "cache")
    assert sorted(file.suffix for file in (tmp_path / "cache").iterdir()) == [".bin", ".json"]


def test_a_full_disk_streams_and_says_so(
    rows: list[Row], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10))
    loaded = data.load(rows, Square(8, "crop"), cache=tmp_path / "cache", workers=1, progress=Progress("train"))
    assert isinstance(loaded.photos, Streamed)
    assert shades(loaded) == [0, 80, 120, 160]
    assert "decoding in every epoch" in capsys.readouterr().err


def test_a_photo_that_vanishes_while_streaming_is_told(rows: list[Row]) -> None:
    loaded = load(rows, None)
    Path(rows[2]["path"]).unlink()
    with pytest.raises(UsageError, match=r"2\.png"):
        shades(loaded)


def test_no_good_photo_at_all_is_no_crash(rows: list[Row], tmp_path: Path) -> None:
    loaded = load(rows[1:2], tmp_path / "cache")
    assert len(loaded.photos) == 0
    assert len(loaded.bad) == 1


def test_the_digest_is_of_names_and_sizes(rows: list[Row], tmp_path: Path) -> None:
    before = load(rows, None).digest
    shutil.move(tmp_path / "photos", tmp_path / "elsewhere")
    moved = [Row({"path": str(tmp_path / "elsewhere" / row.name)}, row.name) for row in rows]
    assert load(moved, None).digest == before
    assert load(moved[:-1], None).digest != before


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_squares_are_rgb_also_of_gray_photos(tmp_path: Path, fit: str) -> None:
    Image.fromarray(np.full((30, 10), 77, np.uint8)).save(tmp_path / "g.png")
    square = Square(8, fit).read(str(tmp_path / "g.png"))
    assert square.shape == (8, 8, 3)
    assert (square[:, 4] == 77).all()


# ----------------------------------------------------------------------------------------------- photos of any shape


@pytest.fixture
def mixed(tmp_path: Path) -> list[Row]:
    """A tall, a wide and a square photo, each with a black left half and a white right half."""
    found = []
    for number, (height, width) in enumerate([(120, 60), (40, 160), (64, 64)]):
        pixels = np.zeros((height, width, 3), np.uint8)
        pixels[:, width // 2 :] = 255
        file = tmp_path / "mixed" / f"{number}.png"
        file.parent.mkdir(exist_ok=True)
        Image.fromarray(pixels).save(file)
        found.append(Row({"path": str(file)}, file.name))
    return found


@pytest.mark.parametrize("cached", [True, False], ids=["cached", "streamed"])
def test_photos_keep_their_shape_at_the_upper_left_of_a_canvas(mixed: list[Row], tmp_path: Path, cached: bool) -> None:
    cache = tmp_path / "cache" if cached else None
    photos = data.load(mixed, Scaled(32, 64), cache=cache, workers=2, progress=QUIET).photos
    assert photos.sizes.tolist() == [[64, 32], [16, 64], [32, 32]]
    batch = photos.batch(np.array([2, 0, 1]), np.array([False, True, True]))
    assert batch.shape == (3, 64, 64, 3)
    plain, tall, wide = batch
    assert (plain[:32, :16] == 0).all()
    assert (plain[:32, 16:32] == 255).all()
    assert (tall[:64, :16] == 255).all(), "mirrored within the photo, not within the canvas"
    assert (wide[:16, :32] == 255).all()
    for photo, (height, width) in ((plain, (32, 32)), (tall, (64, 32)), (wide, (16, 64))):
        assert not photo[height:].any()
        assert not photo[:, width:].any()
    assert photos.batch(np.array([2])).shape == (1, 32, 32, 3), "a canvas is no larger than its photos need"
    assert photos.batch(np.array([1])).shape == (1, 32, 64, 3), "and a multiple of the stride"


def test_another_scale_is_another_cache(mixed: list[Row], tmp_path: Path) -> None:
    for shape in (Scaled(32, 64), Scaled(32, 48), Scaled(16, 64), Square(32, "crop")):
        data.load(mixed, shape, cache=tmp_path / "cache", workers=1, progress=QUIET)
    assert len(list((tmp_path / "cache").glob("*.bin"))) == 4
