"""zalando.de: the pages of 2018, and the data in scripts that later pages have."""

from dataclasses import replace

import pytest
from site_checks import alone, listed, read, worn
from sites.shops import ITEMS
from sites.shops_zalando import Zalando, ZalandoCache, ZalandoProps, ZalandoPropsList

from fashiontools.scrape.shop.product import Image
from fashiontools.scrape.shop.sites.site import Query
from fashiontools.scrape.shop.sites.zalando import Zalando as Site

ERAS = (Zalando, ZalandoProps, ZalandoPropsList, ZalandoCache)
each_era = pytest.mark.parametrize("shop", [era() for era in ERAS], ids=[era.__name__ for era in ERAS])
RED_DRESSES = Query(category="dresses", color="red")
FIRST_PAGE = "https://www.zalando.de/damenbekleidung-kleider/_rot/?order=activation_date&p=1"


@each_era
def test_a_product(shop: Zalando) -> None:
    for item in ITEMS:
        product = read(Site(), shop, item, RED_DRESSES)
        assert product.id == shop.sku(item)
        assert product.url == shop.url(item)
        assert (product.name, product.brand) == (item.name, item.brand)
        assert (product.category, product.color) == ("dresses", "red")
        assert alone(product) == shop.photos(item)[:1]
        assert worn(product) == shop.photos(item)[1:]


def test_attributes_are_tags_of_the_page_with_their_commas() -> None:
    item = ITEMS[0]
    assert read(Site(), Zalando(), item).attributes == item.plain_tags
    keyed = tuple(tag for tag in item.plain_tags if ": " in tag)
    for era in (ZalandoProps, ZalandoPropsList, ZalandoCache):
        assert read(Site(), era(), item).attributes == keyed
    assert "Material Oberstoff: 98% Baumwolle, 2% Elasthan" in keyed


@pytest.mark.parametrize("era", [ZalandoProps, ZalandoPropsList, ZalandoCache])
def test_the_data_tells_more(era: type[Zalando]) -> None:
    product = read(Site(), era(), ITEMS[1])
    assert (product.price, product.currency, product.color) == (ITEMS[1].price, "EUR", "bordeaux")


def test_thumbnails_tell_of_large_photos() -> None:
    product = read(Site(), Zalando(), ITEMS[1])
    assert all("/pdp-zoom/" in image.url for image in product.images)
    lazy = Zalando().product_page(ITEMS[1]).replace("<picture><img src=", '<picture><img src="/blank.gif" data-src=')
    assert Site().read_product(lazy, Zalando().url(ITEMS[1])) == product


def test_photos_of_other_products_on_the_page_are_not_taken() -> None:
    for era in ERAS:
        shop = era()
        for item in ITEMS[:3]:
            assert {image.url for image in read(Site(), shop, item).images} == set(shop.photos(item))


def test_where_no_photo_says_packshot_nothing_is_known() -> None:
    images = (Image("https://img01.ztat.net/a.jpg"), Image("https://img01.ztat.net/b.jpg"))
    assert Site().viewed(images) == images


def test_videos_are_no_photos() -> None:
    shop = ZalandoCache()
    html = shop.product_page(ITEMS[0]).replace(f"{ITEMS[0].md5(101)}.jpg", "clip.mp4")
    assert [image.url for image in Site().read_product(html, shop.url(ITEMS[0])).images] == [
        url for at, url in enumerate(shop.photos(ITEMS[0])) if at != 1
    ]


@each_era
def test_lists_are_followed_to_their_end(shop: Zalando) -> None:
    found = list(listed(Site(), shop, RED_DRESSES))
    assert found == [(RED_DRESSES, item) for item in ITEMS if (item.category, item.color) == ("dresses", "red")]


@pytest.mark.parametrize("shop", [ZalandoProps(), ZalandoPropsList()])
def test_the_data_of_a_list_tells_how_many_there_are(shop: Zalando) -> None:
    assert {page.expected for page in Site().follow(FIRST_PAGE, shop.page)} == {5}


@each_era
def test_all_that_is_wanted_is_every_category_in_every_colour(shop: Zalando) -> None:
    found = [(part.category, part.color, item) for part, item in listed(Site(), shop, Query())]
    assert [(category, color) for category, color, _ in found] == [(item.category, item.color) for *_, item in found]
    assert {item for *_, item in found} == set(ITEMS)


def test_a_label_in_english_is_read_too() -> None:
    shop = Zalando()
    html = shop.list_page(ITEMS[:2], 1, 428).replace("Seite 1 von 428", "Page 1 of 428")
    page = Site().read_list(html, "https://www.zalando.de/damenbekleidung-kleider/_rot/?order=activation_date")
    assert page.next == "https://www.zalando.de/damenbekleidung-kleider/_rot/?order=activation_date&p=2"
    html = html.replace("Page 1 of 428", "Page 428 of 428")
    assert Site().read_list(html, page.next.replace("p=2", "p=428")).next is None


def test_a_number_stands_in_the_address_where_there_is_no_packshot() -> None:
    shop, item = Zalando(), replace(ITEMS[1], worn=2)
    html = shop.product_page(item).replace("/packshot/", "/model/")
    product = Site().read_product(html, shop.url(item))
    assert product.id == shop.sku(item)
    assert {image.view for image in product.images} == {""}
