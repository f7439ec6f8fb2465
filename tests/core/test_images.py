"""Decoding to 8-bit sRGB, whatever the file: formats, depths, alpha, orientation, profiles, and what is broken.

The oracles are the pixels that the files were made from, and Pillow's and LittleCMS's own conversions.
"""

import io
import os
import random
import struct
import zlib
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from fashiontools.core.errors import BadRow
from fashiontools.core.files import read_bytes
from fashiontools.core.headers import MAX_PIXELS
from fashiontools.core.images import (
    decode,
    decode_with_header,
    encode,
    fit_square,
    read_mask,
    read_photo,
    reduced_scale,
    write_photo,
)

ORIENTATIONS = range(1, 9)
pytestmark = pytest.mark.filterwarnings(r"ignore::UserWarning:PIL\.")


def picture(height: int = 48, width: int = 64, channels: int = 3) -> np.ndarray:
    """A smooth picture without any symmetry, so that every flip and turn shows."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    planes = [200 * x / width + 20, 200 * y / height + 30, 120 * x / width + 100 * y / height]
    pixels = np.stack(planes[:channels], axis=-1).round().astype(np.uint8)
    return pixels if channels > 1 else pixels[..., 0]


def as_bytes(image: Image.Image, kind: str, **settings: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **settings)
    return stream.getvalue()


def jpeg(pixels: np.ndarray, **settings: object) -> bytes:
    return as_bytes(Image.fromarray(pixels), "JPEG", **{"quality": 98, "subsampling": 0, **settings})


def far(first: np.ndarray, second: np.ndarray) -> int:
    """The largest difference of two pictures of one shape."""
    assert first.shape == second.shape
    return int(np.abs(first.astype(int) - second.astype(int)).max())


def png(width: int, height: int, depth: int, colour: int, lines: bytes, exif: bytes = b"") -> bytes:
    """A PNG made by hand, from the specification, for what Pillow does not write."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    told = chunk(b"eXIf", exif) if exif else b""
    body = chunk(b"IHDR", header) + told + chunk(b"IDAT", zlib.compress(lines)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def deep_png(pixels: np.ndarray, exif: bytes = b"") -> bytes:
    """A 16-bit PNG of (H, W), (H, W, 2), (H, W, 3) or (H, W, 4) uint16 pixels."""
    channels = pixels.shape[2] if pixels.ndim == 3 else 1
    lines = b"".join(b"\0" + line.astype(">u2").tobytes() for line in pixels)
    return png(pixels.shape[1], pixels.shape[0], 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], lines, exif)


# ---------------------------------------------------------------------------------------------- formats and modes


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("kind", "settings"),
    [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"}), ("WEBP", {"lossless": True})],
)
def test_lossless_formats_come_back_as_they_were(kind: str, settings: dict[str, object], channels: int) -> None:
    pixels = picture(channels=channels)
    found = decode(as_bytes(Image.fromarray(pixels), kind, **settings))
    assert found.dtype == np.uint8
    if kind == "WEBP" and channels == 1:  # WebP itself knows no gray
        pixels = np.repeat(pixels[..., None], 3, axis=2)
    assert np.array_equal(found, pixels)


@pytest.mark.parametrize("settings", [{}, {"progressive": True}, {"subsampling": 2}, {"optimize": True}])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpegs_come_back_nearly_as_they_were(settings: dict[str, object], channels: int) -> None:
    assert far(decode(jpeg(picture(channels=channels), **settings)), picture(channels=channels)) <= 6


def test_bytes_behind_the_end_of_a_jpeg_do_no_harm() -> None:
    data = jpeg(picture())
    assert far(decode(data + b"\0" * 100), decode(data)) <= 2


def test_gray_comes_back_gray_and_colour_can_be_asked_for_gray() -> None:
    assert decode(jpeg(picture(channels=1))).shape == (48, 64)
    assert decode_with_header(jpeg(picture(channels=1)))[0].gray
    luma = np.asarray(Image.fromarray(picture()).convert("L"))
    for data in (jpeg(picture()), as_bytes(Image.fromarray(picture()), "PNG")):
        assert far(decode(data, gray=True), luma) <= 3


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_alpha_is_composed_on_white(kind: str) -> None:
    rgba = np.dstack([picture(), np.full((48, 64), 255, np.uint8)])
    rgba[:10, :, 3], rgba[10:20, :, 3] = 0, 128
    settings = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    found = decode(as_bytes(Image.fromarray(rgba), kind, **settings))
    share = rgba[..., 3:] / 255
    assert found.shape == (48, 64, 3)
    assert far(found, np.rint(rgba[..., :3] * share + 255 * (1 - share)).astype(np.uint8)) <= 1
    assert (found[:10] == 255).all()


def test_gray_with_alpha_is_composed_on_white_and_stays_gray() -> None:
    gray = np.dstack([np.full((8, 8), 50, np.uint8), np.full((8, 8), 255, np.uint8)])
    gray[:4, :, 1] = 0
    found = decode(as_bytes(Image.fromarray(gray, "LA"), "PNG"))
    assert np.array_equal(found, np.where(np.arange(8)[:, None] < 4, 255, 50) * np.ones((1, 8), np.uint8))


def test_a_palette_with_transparency_is_composed_on_white() -> None:
    image = Image.new("P", (8, 8), 1)
    image.putpalette([10, 20, 30, 40, 50, 60] + [0] * 762)
    image.paste(0, (0, 0, 8, 4))
    found = decode(as_bytes(image, "PNG", transparency=0))
    assert found.shape == (8, 8, 3)
    assert (found[:4] == 255).all()
    assert (found[4:] == (40, 50, 60)).all()


def test_a_palette_without_transparency_is_colour() -> None:
    image = Image.fromarray(picture()).quantize(16)
    assert np.array_equal(decode(as_bytes(image, "PNG")), np.asarray(image.convert("RGB")))


def test_black_and_white_is_gray() -> None:
    image = Image.fromarray(picture(channels=1)).point(lambda value: 255 * (value > 100)).convert("1")
    assert np.array_equal(decode(as_bytes(image, "PNG")), np.asarray(image.convert("L")))


@pytest.mark.parametrize("colour", [(0, 0, 0, 0), (255, 0, 0, 0), (0, 255, 255, 0), (0, 0, 0, 255)])
def test_a_cmyk_jpeg_has_the_right_colours(colour: tuple[int, int, int, int]) -> None:
    found = decode(as_bytes(Image.new("CMYK", (16, 16), colour), "JPEG", quality=100))
    cyan, magenta, yellow, black = (value / 255 for value in colour)
    wanted = [255 * (1 - ink) * (1 - black) for ink in (cyan, magenta, yellow)]
    assert found.shape == (16, 16, 3)
    assert np.abs(found.astype(float) - wanted).max() <= 4


@pytest.mark.parametrize("channels", [1, 3])
def test_sixteen_bits_are_scaled_not_cut(channels: int) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    values = values if channels > 1 else values[..., 0]
    assert np.array_equal(decode(deep_png(values)), np.rint(values / 257).astype(np.uint8))


@pytest.mark.parametrize("channels", [2, 4])
def test_sixteen_bits_with_alpha_are_composed_on_white(channels: int) -> None:
    values = np.random.default_rng(0).integers(0, 65536, (20, 30, channels)).astype(np.uint16)
    share = values[..., -1:] / 65535
    wanted = np.rint((values[..., :-1] * share + 65535 * (1 - share)) / 257).astype(np.uint8)
    assert np.array_equal(decode(deep_png(values)), wanted if channels == 4 else wanted[..., 0])


# ------------------------------------------------------------------------------------- orientation, scale, profile


def turned(orientation: int, kind: str) -> tuple[bytes, np.ndarray]:
    """A file with an EXIF orientation, and the picture that it shows, turned as the EXIF standard words it."""
    stored = picture(96, 160)
    exif = Image.Exif()
    exif[274] = orientation
    transform = {
        1: lambda p: p,
        2: lambda p: p[:, ::-1],
        3: lambda p: p[::-1, ::-1],
        4: lambda p: p[::-1],
        5: lambda p: p.swapaxes(0, 1),
        6: lambda p: np.rot90(p, -1),
        7: lambda p: np.rot90(p, 2).swapaxes(0, 1),
        8: lambda p: np.rot90(p, 1),
    }[orientation]
    if kind == "16-bit PNG":
        return deep_png(stored.astype(np.uint16) * 257, exif.tobytes().removeprefix(b"Exif\0\0")), transform(stored)
    settings = {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    return as_bytes(Image.fromarray(stored), kind, exif=exif, **settings), transform(stored)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "16-bit PNG"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_orientation_is_applied(orientation: int, kind: str) -> None:
    data, shown = turned(orientation, kind)
    assert far(decode(data), shown) <= 6
    header, _ = decode_with_header(data)
    assert (header.height, header.width) == shown.shape[:2]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "16-bit PNG"])
@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_exif_orientation_is_applied_at_a_reduced_scale(orientation: int, kind: str) -> None:
    data, shown = turned(orientation, kind)
    averaged = shown.reshape(shown.shape[0] // 4, 4, shown.shape[1] // 4, 4, 3).mean(axis=(1, 3))
    assert far(decode(data, min_side=24), np.rint(averaged).astype(np.uint8)) <= 8


@pytest.mark.parametrize(
    ("height", "width", "least", "scale"),
    [(800, 600, None, 1), (800, 600, 601, 1), (800, 600, 600, 1), (800, 600, 300, 2), (800, 600, 299, 2),
     (800, 600, 150, 4), (800, 600, 75, 8), (800, 600, 1, 8), (601, 900, 300, 2), (7, 7, 8, 1)],
)  # fmt: skip
def test_the_reduced_scale_keeps_the_shorter_side(height: int, width: int, least: int | None, scale: int) -> None:
    assert reduced_scale(height, width, least) == scale


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize(("height", "width"), [(64, 64), (65, 127), (121, 64), (97, 203)])
@pytest.mark.parametrize("least", [8, 16, 31, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_sizes_at_reduced_scales(kind: str, height: int, width: int, least: int, channels: int) -> None:
    found = decode(as_bytes(Image.fromarray(picture(height, width, channels)), kind), min_side=least)
    scale = reduced_scale(height, width, least)
    assert found.shape[:2] == (-(-height // scale), -(-width // scale))
    assert found.ndim == (2 if channels == 1 else 3)
    assert min(found.shape[:2]) >= least


def other_profile() -> bytes:
    """An RGB profile far from sRGB: sRGB's own, with the red and the green primary exchanged."""
    data = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack(">I", data[128:132])[0]
    tags = {bytes(data[132 + 12 * i : 136 + 12 * i]): 132 + 12 * i for i in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    data[red + 4 : red + 12], data[green + 4 : green + 12] = data[green + 4 : green + 12], data[red + 4 : red + 12]
    data[84:100] = bytes(16)
    return bytes(data).replace(b"sRGB", b"oRGB").replace("sRGB".encode("utf-16-be"), "oRGB".encode("utf-16-be"))


@pytest.mark.parametrize(("kind", "tolerance"), [("PNG", 1), ("JPEG", 8), ("WEBP", 1)])
def test_a_profile_that_is_not_srgb_is_converted(kind: str, tolerance: int) -> None:
    settings = {"JPEG": {"quality": 98, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    found = decode(as_bytes(Image.fromarray(picture()), kind, icc_profile=other_profile(), **settings))
    source = ImageCms.ImageCmsProfile(io.BytesIO(other_profile()))
    wanted = ImageCms.profileToProfile(Image.fromarray(picture()), source, ImageCms.createProfile("sRGB"))
    assert far(found, np.asarray(wanted)) <= tolerance
    assert far(found, picture()[..., [1, 0, 2]]) <= tolerance + 3  # the primaries change places, so the channels do


def test_an_srgb_profile_changes_nothing() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode(as_bytes(Image.fromarray(picture()), "PNG", icc_profile=profile)), picture())


def test_a_broken_profile_costs_no_photo() -> None:
    data = as_bytes(Image.fromarray(picture()), "PNG", icc_profile=b"not a profile at all" * 20)
    assert np.array_equal(decode(data), picture())


# ------------------------------------------------------------------------------------------------- what is broken

WHOLE = {
    "JPEG": jpeg(picture(200, 300)),
    "progressive JPEG": jpeg(picture(200, 300), progressive=True),
    "PNG": as_bytes(Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 90, 3), np.uint8)), "PNG"),
    "16-bit PNG": deep_png(np.random.default_rng(0).integers(0, 65536, (60, 60, 3)).astype(np.uint16)),
    "WebP": as_bytes(Image.fromarray(picture(200, 300)), "WEBP", quality=90),
    "TIFF": as_bytes(Image.fromarray(picture(200, 300)), "TIFF", compression="tiff_lzw"),
    "BMP": as_bytes(Image.fromarray(picture(200, 300)), "BMP"),
}


@pytest.mark.parametrize("kind", list(WHOLE))
@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.97])
@pytest.mark.parametrize("min_side", [None, 20])
def test_a_truncated_file_is_a_bad_row(kind: str, share: float, min_side: int | None) -> None:
    whole = WHOLE[kind]
    with pytest.raises(BadRow):
        decode(whole[: int(len(whole) * share)], min_side=min_side)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(bytes(5000), "not an image", id="overwritten with zeros"),
        pytest.param(b"<!DOCTYPE html><title>404</title>", "not an image", id="a web page"),
        pytest.param(random.Random(0).randbytes(5000), "not an image", id="noise"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image", id="SVG"),
        pytest.param(b"\xff\xd8\xff\xd9", "image", id="a JPEG of nothing"),
        pytest.param(png(0, 0, 8, 2, b""), "image", id="a PNG of no pixels"),
    ],
)
def test_what_is_no_image_is_a_bad_row(data: bytes, told: str) -> None:
    with pytest.raises(BadRow, match=told):
        decode(data)


@pytest.mark.parametrize(("width", "height"), [(30000, 30000), (MAX_PIXELS + 1, 1), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    with pytest.raises(BadRow, match=r"bomb|corrupt"):
        decode(png(width, height, 8, 0, b"\0" * 1000))


def test_a_bomb_within_the_bound_that_lacks_its_pixels_is_a_bad_row() -> None:
    with pytest.raises(BadRow):
        decode(png(3000, 3000, 8, 0, b"\0" * 1000))


EXIF = Image.Exif()
EXIF[274], EXIF[271], EXIF[36867] = 6, "a camera", "2018:01:01 00:00:00"
FUZZED = {**WHOLE, "JPEG with EXIF": jpeg(picture(), exif=EXIF), "PNG with EXIF": turned(6, "PNG")[0],
          "palette": as_bytes(Image.fromarray(picture()).quantize(16), "PNG", transparency=0),
          "profile": jpeg(picture(), icc_profile=other_profile())}  # fmt: skip


@pytest.mark.parametrize("kind", list(FUZZED))
@settings(max_examples=60, deadline=None)
@given(st.data())
def test_whatever_is_broken_in_a_file_it_is_pixels_or_a_bad_row(kind: str, data: st.DataObject) -> None:
    damaged = bytearray(FUZZED[kind])
    position = st.one_of(st.integers(0, min(400, len(damaged) - 1)), st.integers(0, len(damaged) - 1))
    for where, value in data.draw(st.lists(st.tuples(position, st.integers(0, 255)), min_size=1, max_size=8)):
        damaged[where] = value
    try:
        pixels = decode(bytes(damaged))
    except BadRow as error:
        assert str(error)
    else:
        assert pixels.dtype == np.uint8
        assert pixels.ndim == 2 or pixels.shape[2] == 3


def test_reading_what_is_not_there_is_a_bad_row(tmp_path: Path) -> None:
    for path in (str(tmp_path / "missing.jpg"), str(tmp_path), "", "nul\0.jpg", "/" + "long" * 2000, f"{__file__}/x"):
        with pytest.raises(BadRow) as caught:
            read_bytes(path)
        assert str(caught.value)


def test_reading_a_pipe_gives_all_that_comes(tmp_path: Path) -> None:
    pipe, sent = tmp_path / "pipe.jpg", bytes(range(256)) * 3000
    os.mkfifo(pipe)
    writer = Thread(target=pipe.write_bytes, args=(sent,))
    writer.start()
    assert read_bytes(str(pipe)) == sent
    writer.join()


# ---------------------------------------------------------------------------------------- masks, squares, writing


def test_a_mask_is_255_where_it_is_bright(tmp_path: Path) -> None:
    values = np.arange(256, dtype=np.uint8).reshape(16, 16)
    wanted = np.where(values >= 128, 255, 0)
    for name, pixels in (("gray.png", values), ("colour.png", np.repeat(values[..., None], 3, axis=2))):
        Image.fromarray(pixels).save(tmp_path / name)
        found = read_mask(str(tmp_path / name))
        assert (found.dtype, found.shape) == (np.uint8, (16, 16))
        assert np.array_equal(found, wanted)


def test_a_broken_mask_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadRow, match=r"mask hole\.png: no such file"):
        read_mask(str(tmp_path / "hole.png"))


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize(("height", "width"), [(40, 40), (80, 40), (40, 80), (333, 101), (3, 500), (1, 1)])
@pytest.mark.parametrize("size", [1, 17, 64])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_square_is_square(fit: str, height: int, width: int, size: int, channels: int) -> None:
    pixels = picture(height, width, channels)
    square = fit_square(pixels, size, fit)
    assert square.shape == (size, size, *pixels.shape[2:])
    assert square.dtype == np.uint8
    assert square.flags["C_CONTIGUOUS"]


def bands() -> np.ndarray:
    """Four times as wide as high: red, green, blue and black squares of 32 pixels in a row."""
    colours = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)], np.uint8)
    return np.repeat(np.repeat(colours[None], 32, axis=1), 32, axis=0)


def test_crop_keeps_the_centre() -> None:
    square = fit_square(bands(), 16, "crop")
    assert (square[:, :8] == (0, 255, 0)).all()
    assert (square[:, 8:] == (0, 0, 255)).all()


def test_pad_keeps_all_and_is_white_around() -> None:
    square = fit_square(bands(), 64, "pad")
    assert (square[:24] == 255).all()
    assert (square[40:] == 255).all()
    assert np.array_equal(square[24:40], fit_square(bands(), 64, "stretch")[24:40])
    assert (square[30, ::16] == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)]).all()


def test_pad_stands_a_tall_photo_in_the_middle() -> None:
    square = fit_square(bands().swapaxes(0, 1), 64, "pad")
    assert (square[:, :24] == 255).all()
    assert (square[:, 40:] == 255).all()
    assert (square[::16, 30] == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)]).all()


def test_stretch_keeps_all_and_adds_nothing() -> None:
    square = fit_square(bands(), 16, "stretch")
    assert (square == fit_square(bands(), 16, "stretch")[:1]).all()
    assert (square[0, ::4] == [(255, 0, 0), (0, 255, 0), (0, 0, 255), (0, 0, 0)]).all()


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_a_square_of_its_own_size_is_itself(fit: str) -> None:
    pixels = picture(32, 32)
    assert np.array_equal(fit_square(pixels, 32, fit), pixels)


@pytest.mark.parametrize("suffix", [".png", ".webp", ".bmp", ".tif", ".jpg"])
@pytest.mark.parametrize("channels", [1, 3])
def test_written_photos_are_read_by_pillow(tmp_path: Path, suffix: str, channels: int) -> None:
    file = tmp_path / "deep" / f"photo{suffix}"
    write_photo(file, picture(channels=channels))
    with Image.open(file) as image:
        found = np.asarray(image.convert("L" if channels == 1 else "RGB"))
    assert far(found, picture(channels=channels)) <= (8 if suffix in (".jpg", ".webp") else 0)
    assert [path.name for path in file.parent.iterdir()] == [file.name]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_png_comes_back_bit_for_bit(tmp_path: Path, channels: int) -> None:
    shape = (37, 53, 3) if channels == 3 else (37, 53)
    noise = np.random.default_rng(0).integers(0, 256, shape).astype(np.uint8)
    write_photo(tmp_path / "noise.png", noise)
    assert np.array_equal(read_photo(str(tmp_path / "noise.png")), noise)


def test_what_stood_there_stays_whole_until_the_new_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "photo.png"
    write_photo(file, picture())
    before = file.read_bytes()

    def full_disk(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        write_photo(file, picture()[::-1])
    assert file.read_bytes() == before


def test_jpeg_quality_is_obeyed() -> None:
    assert len(encode(picture(), ".jpg", 30)) < len(encode(picture(), ".jpg", 95))
