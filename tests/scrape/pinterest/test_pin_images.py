"""Which URLs may have a photo."""

import pytest
from sites.images import Pinimg

from fashiontools.scrape.pinterest.images import candidates, largest, original_of, size_of

SIGNATURE = Pinimg.signature("a")
HOST = Pinimg({})


def at(size: str, extension: str = "jpg") -> str:
    return HOST.url(SIGNATURE, size, extension)


@pytest.mark.parametrize(
    ("srcset", "expected"),
    [
        (f"{at('236x')} 1x, {at('474x')} 2x, {at('736x')} 3x, {at('originals', 'png')} 4x", at("originals", "png")),
        (f"{at('originals')} 4x, {at('236x')} 1x", at("originals")),
        (f"{at('236x')} 236w, {at('736x')} 736w", at("736x")),
        (at("236x"), at("236x")),
        ("data:image/png;base64,AAAA", ""),
        ("http://i.pinimg.com/a.jpg 1x", ""),
        ("javascript:alert(1) 9x, https://i.pinimg.com/a.jpg 1x", "https://i.pinimg.com/a.jpg"),
        ("", ""),
        (", ,", ""),
        (f"{at('236x')} manyx", at("236x")),
    ],
)
def test_the_largest_of_a_srcset(srcset: str, expected: str) -> None:
    assert largest(srcset) == expected


def test_the_original_of_any_size() -> None:
    assert original_of(at("236x")) == at("originals")
    assert original_of(at("736x").replace("/736x/", "/vwebp/736x/").replace(".jpg", ".webp")) == at("originals", "webp")
    assert original_of(at("originals", "png")) == at("originals", "png")
    assert original_of("https://i.pinimg.com/75x75_RS/a.jpg") == "https://i.pinimg.com/75x75_RS/a.jpg"


def test_candidates_are_the_original_in_all_forms_then_smaller() -> None:
    tried = list(candidates(at("originals", "png")))
    assert tried == [
        *(at("originals", extension) for extension in ("png", "jpg", "webp", "gif")),
        *(at(size) for size in ("1200x", "736x", "564x", "474x", "236x")),
    ]
    assert list(candidates("https://blog.example/a.jpg")) == ["https://blog.example/a.jpg"]
    assert list(candidates(at("474x"))) == [at(size) for size in ("474x", "1200x", "736x", "564x", "236x")]


def test_a_size_has_a_name() -> None:
    assert [size_of(url) for url in (at("originals"), at("736x"), "https://a.example/b.jpg")] == [
        "originals",
        "736x",
        "",
    ]
