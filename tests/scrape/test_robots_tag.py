"""`X-Robots-Tag`: which headers keep a photo from training."""

import pytest

from fashiontools.scrape.web.robots import keeps_from_training

REFUSED = [
    ["noai"], ["noimageai"], ["NoAI"], [" noindex , noai "], ["noai, noimageai"], ["*: noai"], ["fashiontools: noai"],
    ["FashionTools: noindex, noai"], ["otherbot: noindex, fashiontools: noai"], ["otherbot: noindex", "noai"],
    ["unavailable_after: 25 Jun 2010 15:00:00 PST, noai"], ["unavailable_after: Friday, 25-Jun-10 15:00:00 PST, noai"],
    ["max-snippet: 50, noimageai"], ["max-image-preview:large,noai"], ["otherbot: noai, *: noai"],
]  # fmt: skip
ALLOWED = [
    [], [""], ["all"], ["noindex, nofollow"], ["otherbot: noai"], ["otherbot: noindex, noai"], ["noaindex"], ["no ai"],
    ["fashiontools: all", "otherbot: noai"], ["fashiontools: all, otherbot: noimageai"], ["x-noai"],
    ["otherbot: max-snippet: 5, noai"],
]  # fmt: skip


@pytest.mark.parametrize("tags", REFUSED)
def test_refused(tags: list[str]) -> None:
    assert keeps_from_training(tags, "fashiontools")


@pytest.mark.parametrize("tags", ALLOWED)
def test_allowed(tags: list[str]) -> None:
    assert not keeps_from_training(tags, "fashiontools")
