"""fashionid.de as seed 003 found it in 2018; the shop is part of peek-cloppenburg.de since."""

import re
from typing import ClassVar

from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.page import ListPage
from fashiontools.scrape.shop.reader.text import plain
from fashiontools.scrape.shop.sites.site import ShopSite, last_number, next_page, packshot_first

_PHOTO_NUMBER = re.compile(r"_(\d+),[0-9a-f]+,[^,/]+$")


class FashionId(ShopSite):
    """Bootstrap pages: a list of tiles, a gallery of thumbnails whose images are in `data-src`, microdata for the sku.

    The first thumbnail is the packshot: it is the one that the thesis took.
    """

    name = "fashionid"
    hosts = ("www.fashionid.de",)
    image_hosts = ("img.fidcdn.net",)
    language = "de"
    departments: ClassVar = {"women": "damen", "men": "herren"}
    categories: ClassVar = {
        "dresses": ("kleider",),
        "knitwear": ("pullover-strick",),
        "pants": ("hosen", "jeans"),
        "jackets": ("jacken",),
        "blouses": ("blusen",),
        "skirts": ("roecke",),
        "tops": ("shirts",),
        "jumpsuits": ("jumpsuits",),
        "shorts": ("shorts-bermudas",),
    }
    colors: ClassVar = {
        "black": "grau-schwarz",  # with gray, which has no filter of its own
        "white": "weiss",
        "red": "rot",
        "blue": "blau-turkis",
        "green": "grun",
        "yellow": "gelb",
        "pink": "rose",
        "beige": "braun",
    }
    list_url = "https://www.fashionid.de/{department}/{category}/farbe-{color}/?sortby=newness&page={page}"

    def own_list(self, page: Document) -> ListPage | None:
        """The tiles of the wrapper; the last page is the largest number below them."""
        if page.tree.css_first(".qa-prv-wrapper") is None:
            return None
        links = page.tree.css(".qa-prv-wrapper .qa-product-item a[href]")
        last = max((last_number(link.text()) for link in page.tree.css("ul.pagination a.js-togglePage")), default=1)
        products = dict.fromkeys(page.absolute(attribute(link, "href")) for link in links)
        return ListPage(tuple(filter(None, products)), next_page(page.url, "page", last), None)

    def own_product(self, page: Document) -> Product | None:
        """Bullet points, brand and name of the page's own product, and the thumbnails."""
        tree = page.tree
        thumbs = tree.css("ul.gallery-thumbs img[data-src]")
        if not thumbs:
            return None
        photos = list(filter(None, dict.fromkeys(page.absolute(attribute(thumb, "data-src")) for thumb in thumbs)))
        sku = tree.css_first("[itemprop=sku]")
        number = attribute(sku, "content") if sku is not None else ""
        brand = tree.css_first(".product-item__brand")
        name = tree.css_first("h3.product-item__description") or tree.css_first("h1")
        bullets = [plain(item.text()) for item in tree.css("ul.qa-description-bullet-points-list li")]
        return Product(
            id=plain(number) or _number_in(photos),
            url=page.url,
            name=plain(name.text(deep=False)) if name is not None else "",
            brand=plain(brand.text()) if brand is not None else "",
            attributes=tuple(bullet for bullet in bullets if bullet),
            images=tuple(Image(photo) for photo in photos),
        )

    def viewed(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """The first alone, the others worn."""
        return packshot_first(images)


def _number_in(photos: list[str]) -> str:
    """The product's number in a photo's address: `.../hemdbluse-weiss_9653213,9bd54e,484x646f.jpg` has 9653213."""
    found = (_PHOTO_NUMBER.search(photo) for photo in photos)
    return next((match[1] for match in found if match), "")
