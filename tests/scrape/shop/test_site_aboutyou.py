"""aboutyou.de: the pages of 2018, and the photos of later ones."""

import pytest
from site_checks import alone, listed, read, worn
from sites.shops import ITEMS
from sites.shops_aboutyou import AboutYou, AboutYouLater

from fashiontools.scrape.shop.product import Image
from fashiontools.scrape.shop.sites.aboutyou import AboutYou as Site
from fashiontools.scrape.shop.sites.site import Query

each_era = pytest.mark.parametrize("shop", [AboutYou(), AboutYouLater()], ids=["2018", "later"])
RED_DRESSES = Query(category="dresses", color="red")


@each_era
def test_a_product(shop: AboutYou) -> None:
    for item in ITEMS:
        product = read(Site(), shop, item, RED_DRESSES)
        assert product.id == shop.article(item)
        assert product.url == shop.url(item)
        assert (product.name, product.brand) == (item.name, item.brand)
        assert (product.category, product.color) == ("dresses", "red")


def test_photos_come_from_inline_styles_without_their_size() -> None:
    shop = AboutYou()
    for item in ITEMS:
        product = read(Site(), shop, item)
        assert [image.url for image in product.images] == shop.photos(item)
        assert alone(product) == shop.photos(item)[:1]


@pytest.mark.parametrize("quote", ["&quot;", "'", ""])
def test_a_style_may_quote_or_not(quote: str) -> None:
    shop = AboutYou()
    html = shop.product_page(ITEMS[2]).replace("&quot;", quote)
    assert [image.url for image in Site().read_product(html, shop.url(ITEMS[2])).images] == shop.photos(ITEMS[2])


def test_cut_outs_are_packshots_wherever_they_stand() -> None:
    shop = AboutYouLater()
    for item in ITEMS:
        product = read(Site(), shop, item)
        assert [url.partition("?")[0] for url in alone(product)] == shop.photos(item)[:1]
        assert [url.partition("?")[0] for url in worn(product)] == shop.photos(item)[1:]


def test_a_page_that_is_told_the_view_of_a_photo_keeps_it() -> None:
    images = (
        Image("https://cdn.aboutstatic.com/file/a", "model"),
        Image("https://cdn.aboutstatic.com/file/b", "product"),
    )
    assert Site().viewed(images) == images


def test_attributes_are_all_tags_but_the_number() -> None:
    assert read(Site(), AboutYou(), ITEMS[0]).attributes == ITEMS[0].plain_tags


@each_era
def test_lists_are_followed_and_further_products_left_out(shop: AboutYou) -> None:
    assert "Weitere Produkte" in shop.page(next(Site().list_urls(RED_DRESSES))[0])[1]
    found = list(listed(Site(), shop, RED_DRESSES))
    assert found == [(RED_DRESSES, item) for item in ITEMS if (item.category, item.color) == ("dresses", "red")]


def test_a_list_of_nothing_but_further_products_is_empty() -> None:
    shop = AboutYou()
    html = shop.list_page([], 1, 1)
    assert "styles__tile--" in html
    page = Site().read_list(html, next(Site().list_urls(RED_DRESSES))[0])
    assert (page.products, page.next) == ((), None)


def test_a_colour_that_nothing_has_is_an_empty_list() -> None:
    shop = AboutYou()
    green = Query(category="dresses", color="green")
    url, html = shop.page(next(Site().list_urls(green))[0])
    assert "bi_color" not in url, "the copy leads to all colours"
    assert Site().read_list(html, url).products, "where there are products"
    assert [page.products for page in Site().follow(next(Site().list_urls(green))[0], shop.page)] == [()]
