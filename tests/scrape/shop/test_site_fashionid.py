"""fashionid.de as it was in 2018."""

from pathlib import Path

from site_checks import alone, listed, read, worn
from sites.shops import ITEMS
from sites.shops_fashionid import EVIL, FashionId

from fashiontools.core.manifest import Row
from fashiontools.scrape.shop.sites.fashionid import FashionId as Site
from fashiontools.scrape.shop.sites.site import Query
from fashiontools.scrape.shop.thesis_csv import names_of

RED_DRESSES = Query(category="dresses", color="red")
SHOP = FashionId()


def test_a_product() -> None:
    for item in ITEMS:
        product = read(Site(), SHOP, item, RED_DRESSES)
        assert product.id == SHOP.sku(item)
        assert product.url == SHOP.url(item)
        assert (product.name, product.brand) == (item.name, item.brand)
        assert (product.category, product.color) == ("dresses", "red")
        assert (product.price, product.currency) == (item.price, "EUR")
        assert product.attributes == item.plain_tags


def test_photos_that_are_loaded_late_with_commas_in_their_addresses() -> None:
    for item in ITEMS:
        product = read(Site(), SHOP, item)
        assert alone(product) == SHOP.photos(item)[:1]
        assert worn(product) == SHOP.photos(item)[1:]
        assert all(image.url.count(",") == 2 for image in product.images)


def test_a_sku_that_climbs_out_stays_a_text() -> None:
    (item,) = (item for item in ITEMS if item.number == EVIL)
    product = read(Site(), SHOP, item)
    site = Site()
    assert product.id == "../../x"
    (name,) = names_of([Row({"group": site.group(product), "view": "product", "category": "dresses"})], site.name)
    assert (Path("/out") / name).resolve().parent == Path("/out/dresses")


def test_without_a_sku_the_photos_tell_the_number() -> None:
    html = SHOP.product_page(ITEMS[1]).replace("itemprop", "data-was")
    assert Site().read_product(html, SHOP.url(ITEMS[1])).id == str(9_650_000 + ITEMS[1].number)


def test_lists_are_followed_to_their_end() -> None:
    found = list(listed(Site(), SHOP, RED_DRESSES))
    assert found == [(RED_DRESSES, item) for item in ITEMS if (item.category, item.color) == ("dresses", "red")]


def test_tiles_outside_of_the_list_are_not_taken() -> None:
    url, html = SHOP.page(next(Site().list_urls(RED_DRESSES))[0])
    assert "/gutschein_1.html" in html
    assert not [product for product in Site().read_list(html, url).products if "gutschein" in product]
