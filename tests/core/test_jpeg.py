"""The frame of a JPEG from its markers, against Pillow's reading of the same files."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from fashiontools.core.jpeg import read_plain_frame


def jpeg(mode: str = "RGB", size: tuple[int, int] = (40, 24), **options: object) -> bytes:
    stream = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 256, (size[1], size[0], 3), np.uint8)
    Image.fromarray(noise).convert(mode).save(stream, "JPEG", **options)
    return stream.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"quality": 5}, {"comment": b"\xff\xc0" * 40}])
@pytest.mark.parametrize("size", [(1, 1), (40, 24), (300, 7), (7, 70)])
def test_the_frame_of_plain_jpegs(mode: str, options: dict[str, object], size: tuple[int, int]) -> None:
    assert read_plain_frame(jpeg(mode, size, **options)) == (size[1], size[0], mode == "L")


def test_what_may_be_more_than_plain_is_left_to_the_full_reader() -> None:
    turned = Image.Exif()
    turned[274] = 6
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (jpeg(exif=turned), jpeg(icc_profile=profile), jpeg("CMYK"), b"", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        assert read_plain_frame(data) is None


def test_a_frame_without_height_or_with_twelve_bits_is_not_plain() -> None:
    data = jpeg()
    place = data.index(b"\xff\xc0")
    assert read_plain_frame(data[: place + 5] + b"\0\0" + data[place + 7 :]) is None
    assert read_plain_frame(data[: place + 4] + b"\x0c" + data[place + 5 :]) is None


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_broken_file_is_the_same_frame_or_none_of_ours(data: st.DataObject) -> None:
    whole = jpeg()
    start = whole[: data.draw(st.integers(0, len(whole)))]
    assert read_plain_frame(start) in (None, (24, 40, False))
    place = data.draw(st.integers(0, 30))
    changed = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    frame = read_plain_frame(changed)
    try:
        with Image.open(io.BytesIO(changed)) as image:
            assert frame is None or (frame.width, frame.height) == image.size
    except (OSError, SyntaxError):
        pass  # the decoders will say what is wrong with it
