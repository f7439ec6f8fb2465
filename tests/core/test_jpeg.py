"""The frame of a JPEG from its markers, against Pillow's reading of the same files."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import ExifTags, Image, ImageCms

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


def exif(order: str = "<", **tags: object) -> Image.Exif:
    """EXIF data of a camera, in the byte order of `struct`."""
    made = Image.Exif()
    made.endian = order
    for tag, value in {"Make": "a camera", "DateTime": "2018:01:01 00:00:00", "ResolutionUnit": 2, **tags}.items():
        made[getattr(ExifTags.Base, tag)] = value
    return made


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("orientation", range(10))
def test_the_data_of_a_camera_are_no_matter_where_they_turn_nothing(order: str, orientation: int) -> None:
    data = jpeg(exif=exif(order, Orientation=orientation))
    assert data[data.index(b"Exif") + 6 :].startswith(b"II" if order == "<" else b"MM")
    assert Image.open(io.BytesIO(data)).getexif()[ExifTags.Base.Orientation] == orientation
    assert read_plain_frame(data) == ((24, 40, False) if orientation == 1 else None)
    assert read_plain_frame(jpeg(exif=exif(order))) == (24, 40, False)


def test_what_may_be_more_than_plain_is_left_to_the_full_reader() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    good = exif(Orientation=1).tobytes()
    place = good.index(b"\x12\x01")
    odd = (
        good[:6],
        good[:6] + b"IM" + good[8:],
        good[:10] + b"\xff\xff\0\0" + good[14:],  # a directory beyond the end
        good[:14] + b"\xff\0" + good[16:],  # more entries than there is room for
        good[: place + 2] + b"\x04" + good[place + 3 :],  # an orientation of another type
    )
    assert read_plain_frame(jpeg(exif=good)) == (24, 40, False)
    for data in (*(jpeg(exif=bytes_of) for bytes_of in odd), jpeg(exif=b"Exif\0\0")):
        assert read_plain_frame(data) is None
    for data in (jpeg(icc_profile=profile), jpeg("CMYK"), b"", b"\x89PNG\r\n\x1a\n" + bytes(40)):
        assert read_plain_frame(data) is None


def test_a_frame_without_height_or_with_twelve_bits_is_not_plain() -> None:
    data = jpeg()
    place = data.index(b"\xff\xc0")
    assert read_plain_frame(data[: place + 5] + b"\0\0" + data[place + 7 :]) is None
    assert read_plain_frame(data[: place + 4] + b"\x0c" + data[place + 5 :]) is None


def upright(image: Image.Image) -> bool:
    """Whether Pillow, too, leaves the photo as it is stored."""
    return image.getexif().get(ExifTags.Base.Orientation) in (None, 1)


@pytest.mark.parametrize("whole", [jpeg(), jpeg(exif=exif(Orientation=1))], ids=["plain", "with EXIF"])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_broken_file_is_the_same_frame_or_none_of_ours(whole: bytes, data: st.DataObject) -> None:
    start = whole[: data.draw(st.integers(0, len(whole)))]
    assert read_plain_frame(start) in (None, (24, 40, False))
    place = data.draw(st.integers(0, 150))
    changed = whole[:place] + bytes([data.draw(st.integers(0, 255))]) + whole[place + 1 :]
    frame = read_plain_frame(changed)
    try:
        with Image.open(io.BytesIO(changed)) as image:
            assert frame is None or (*image.size, upright(image)) == (frame.width, frame.height, True)
    except (OSError, SyntaxError):
        pass  # the decoders will say what is wrong with it
