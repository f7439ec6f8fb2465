"""What tests of shop sites share: the products that a site finds in a local copy, without any network."""

from collections.abc import Iterator

from sites.shops import Item, Shop

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.sites.site import Query, ShopSite

ANYTHING = Query()


def read(site: ShopSite, shop: Shop, item: Item, query: Query = ANYTHING) -> Product:
    """What a site reads on the page of a product."""
    url, html = shop.page(shop.url(item))
    return site.read_product(html, url, query)


def listed(site: ShopSite, shop: Shop, query: Query) -> Iterator[tuple[Query, Item]]:
    """The products that a site finds on list pages, and what was searched for."""
    items = {shop.url(item): item for item in shop.items}
    for part, page in site.lists(query, shop.page):
        for url in page.products:
            yield part, items[url]


def alone(product: Product) -> list[str]:
    """The photos that show the garment alone."""
    return [image.url for image in product.images if image.view == "product"]


def worn(product: Product) -> list[str]:
    """The photos that show it worn."""
    return [image.url for image in product.images if image.view == "model"]
