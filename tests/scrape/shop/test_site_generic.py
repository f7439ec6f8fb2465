"""Shops that no site of ours knows, each of which tells of its products in one way alone."""

import pytest
from site_checks import listed, read
from sites.shops import ITEMS
from sites.shops_generic import SHOPS, AnyShop, LdShop

from fashiontools.core.errors import BadRow, Unavailable
from fashiontools.scrape.shop.sites.generic import GenericSite
from fashiontools.scrape.shop.sites.site import Query
from fashiontools.scrape.shop.table import open_site

each_shop = pytest.mark.parametrize("shop", [kind() for kind in SHOPS], ids=[kind.__name__ for kind in SHOPS])


@each_shop
def test_a_product(shop: AnyShop) -> None:
    for item in ITEMS:
        product = read(GenericSite(shop.list_url("dresses")), shop, item)
        assert product.id.endswith(str(item.number))
        assert product.url == shop.url(item)
        assert (product.name, product.brand, product.color) == (item.name, item.brand, item.color)
        assert (product.price, product.currency) == (item.price, "EUR")
        assert [image.url for image in product.images] == shop.photos(item)


@each_shop
def test_lists_are_followed_to_their_end(shop: AnyShop) -> None:
    site = open_site(shop.list_url("dresses"))
    assert site.name == shop.host.removeprefix("www.")
    found = list(listed(site, shop, Query()))
    assert found == [(Query(), item) for item in ITEMS if item.category == "dresses"]


@each_shop
def test_the_page_of_a_product_is_a_list_of_it(shop: AnyShop) -> None:
    assert list(listed(open_site(shop.url(ITEMS[0])), shop, Query())) == [(Query(), ITEMS[0])]


def test_what_is_searched_for_says_what_is_in_the_list() -> None:
    shop = LdShop()
    site = open_site(shop.list_url("dresses"))
    gowns = Query(category="gowns")
    assert {query for query, _ in listed(site, shop, gowns)} == {gowns}
    assert read(site, shop, ITEMS[0], gowns).category == "gowns"
    assert read(site, shop, ITEMS[0]).category == "dresses"


def test_views_are_left_open_where_the_page_does_not_tell() -> None:
    shop = LdShop()
    assert {image.view for image in read(GenericSite(shop.list_url("dresses")), shop, ITEMS[1]).images} == {""}


def test_a_page_without_products_is_an_empty_list() -> None:
    site = GenericSite("https://any.shop/women")
    assert [page.products for page in site.follow(site.start, lambda url: (url, "<p>Nothing"))] == [()]
    with pytest.raises(BadRow):
        site.read_product("<p>Nothing", "https://any.shop/women")
    with pytest.raises(Unavailable, match=r"any\.shop asks whether we are a program"):
        list(site.follow(site.start, lambda url: (url, '{"edge_error":"halt"}')))
