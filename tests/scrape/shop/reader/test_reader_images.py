"""Photos: each once, largest, absolute, with the view that the page tells."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiontools.scrape.shop.product import Image
from fashiontools.scrape.shop.reader.document import absolute
from fashiontools.scrape.shop.reader.images import Found, in_value, largest, photos

BASE = "https://www.shop.example/p/dress"
CDN = "https://img.example"


def urls(*found: str | Found) -> list[str]:
    return [one.url for one in photos((Found(one) if isinstance(one, str) else one for one in found), BASE)]


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("//img.example/a.jpg", f"{CDN}/a.jpg"),
        ("/a.jpg", "https://www.shop.example/a.jpg"),
        ("a.jpg", "https://www.shop.example/p/a.jpg"),
        ("?x=1", "https://www.shop.example/p/dress?x=1"),
        ("http://img.example/a b\u00e4.jpg#x", "http://img.example/a%20b%C3%A4.jpg"),
        ("https://img.example:443/a.jpg?a=1&b=[2]", "https://img.example:443/a.jpg?a=1&b=[2]"),
        (f"\n {CDN}/a.jpg \t", f"{CDN}/a.jpg"),
        ("https://m\u00fcller.example/", "https://xn--mller-kva.example/"),
        ("https://user:secret@img.example/a.jpg", ""),
        ("https://user@img.example/a.jpg", ""),
        ("javascript:alert(1)", ""),
        ("data:image/png;base64,x", ""),
        ("file:///etc/passwd", ""),
        ("ftp://img.example/a.jpg", ""),
        ("mailto:a@b.example", ""),
        ("https://[x", ""),
        ("https://a.example:99999/", ""),
        ("https://a\\b.example/", ""),
        ("#top", ""),
        ("", ""),
        (None, ""),
        ({}, ""),
    ],
)
def test_absolute(link: object, url: str) -> None:
    assert absolute(link, BASE) == url


@given(st.text())
def test_an_absolute_url_is_ascii_http_and_stays_itself(link: str) -> None:
    url = absolute(link, BASE)
    assert url == "" or (url.isascii() and url.startswith(("http://", "https://")) and absolute(url, "") == url)


@pytest.mark.parametrize(
    ("smaller", "larger"),
    [
        ("/a.jpg?imwidth=156&filter=packshot", "/a.jpg?imwidth=1800&filter=packshot"),
        ("/a.jpg?quality=75&height=300&width=200", "/a.jpg?quality=75&height=1200&width=800"),
        ("/a?id=7&w=100", "/a?id=7&w=900"),
        ("/a-300x400.jpg", "/a-900x1200.jpg"),
        ("/a_100x.jpg", "/a_1024x1024.jpg"),
        ("/r17/dress_47,f00,484x646f.jpg", "/r17/dress_47,f00,968x1292f.jpg"),
        ("/300x400/a.jpg", "/600x800/a.jpg"),
        ("/w_300,h_400,c_fill/a.jpg", "/c_fill,w_900/a.jpg"),
        ("/a.jpg?w=300", "/a.jpg"),
        ("/a-300x400.jpg", "/a.jpg"),
    ],
)
def test_sizes_of_one_photo_are_one(smaller: str, larger: str) -> None:
    assert urls(CDN + smaller, CDN + larger) == urls(CDN + larger, CDN + smaller) == [CDN + larger]


@pytest.mark.parametrize(
    ("one", "other"),
    [("/a.jpg", "/b.jpg"), ("/a?id=7&w=9", "/a?id=8&w=9"), ("/a_1.jpg", "/a_2.jpg"), ("/4711-1.jpg", "/4711-2.jpg")],
)
def test_photos_that_differ_are_two(one: str, other: str) -> None:
    assert urls(CDN + one, CDN + other) == [CDN + one, CDN + other]


def test_the_order_is_that_of_the_page() -> None:
    assert urls("/b.jpg?w=1", "/a.jpg", "/b.jpg?w=9") == [
        f"https://www.shop.example/{x}" for x in ("b.jpg?w=9", "a.jpg")
    ]


@pytest.mark.parametrize(
    "link",
    [
        "data:image/gif;base64,R0lGOD",
        "/a.svg",
        "/a.gif?x=1",
        "/img/placeholder.png",
        "/spacer.png",
        "/1x1.png",
        "/no-image.jpg",
        "/film.mp4",
        "https://u:p@img.example/a.jpg",
    ],
)
def test_what_is_no_photo_is_left_out(link: str) -> None:
    assert urls(link, "/a.jpg") == ["https://www.shop.example/a.jpg"]


@pytest.mark.parametrize(
    ("srcset", "found"),
    [
        ("a.jpg 1x, b.jpg 2x", Found("b.jpg")),
        ("a.jpg 300w,b.jpg 900w, c.jpg 600w", Found("b.jpg", 900)),
        ("x_47,f00,484x646f.jpg 484w, x_47,f00,968x1292f.jpg 968w", Found("x_47,f00,968x1292f.jpg", 968)),
        ("a.jpg", Found("a.jpg")),
        ("a.jpg, b.jpg 1.5x", Found("b.jpg")),
        ("a.jpg 100w 50h, b.jpg 200w 100h", Found("b.jpg", 200)),
        (" ", None),
        (",,,", None),
    ],
)
def test_srcset(srcset: str, found: Found | None) -> None:
    assert largest(srcset) == found


@pytest.mark.parametrize(
    ("found", "views"),
    [
        ([Found("/1.jpg?filter=packshot"), Found("/2.jpg")], ["product", ""]),
        ([Found("/1.jpg", told="PACKSHOT"), Found("/2.jpg", told="onModel")], ["product", "model"]),
        ([Found("/a_front.jpg"), Found("/a_model.jpg"), Found("/a_back.jpg")], ["product", "model", ""]),
        ([Found("/1.jpg", alt="Outfit look"), Found("/2.jpg", alt="Flat lay")], ["model", "product"]),
        ([Found("/media/packshot/1.jpg"), Found("/media/large/2.jpg")], ["product", ""]),
        ([Found("/product/1.jpg"), Found("/product/2.jpg")], ["", ""]),
        ([Found("/product/1.jpg")], [""]),
        ([Found("/1.jpg", alt="Model Dress"), Found("/2.jpg", alt="Model Dress, worn")], ["", "model"]),
        ([Found("/1.jpg", alt="Dress on model")], ["model"]),
        ([Found("/product-1-model.jpg"), Found("/2.jpg")], ["model", ""]),
    ],
)
def test_views(found: list[Found], views: list[str]) -> None:
    assert [image.view for image in photos(found, BASE, "Model Dress" if "Model" in found[0].alt else "")] == views


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("/a.jpg", ["/a.jpg"]),
        (["/a.jpg", {"src": "/b.jpg"}], ["/a.jpg", "/b.jpg"]),
        ({"thumb": "/t.jpg", "zoom": "/z.jpg"}, ["/z.jpg"]),
        ({"sources": {"thumb": "/t.jpg", "zoom": "/z.jpg"}}, ["/z.jpg"]),
        ({"sources": [{"url": "/s.jpg", "width": 100}, {"url": "/l.jpg", "width": 900}]}, ["/l.jpg"]),
        ({"images": [{"uri": "/a.jpg"}, {"uri": "/b.jpg"}]}, ["/a.jpg", "/b.jpg"]),
        ({"type": "VIDEO", "url": "/a.jpg"}, []),
        ({"edges": 3}, []),
        (7, []),
        (None, []),
    ],
)
def test_images_in_data(value: object, found: list[str]) -> None:
    assert [one.url for one in in_value(value)] == found


def test_words_of_an_image_are_kept() -> None:
    value = {"url": "/a.jpg", "caption": "On the <b>model</b>", "type": "packshot"}
    assert photos(in_value(value), BASE) == (Image("https://www.shop.example/a.jpg", "product", "On the model"),)


@given(st.recursive(st.text() | st.none() | st.integers(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_any_value_has_photos_or_none(value: object) -> None:
    photos(in_value(value), BASE)
