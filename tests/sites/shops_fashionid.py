"""fashionid.de: `FashionId` as it was in 2018."""

import re
from collections.abc import Sequence
from html import escape

from sites.shops import ITEMS, Item, Shop, Wish, number_in

CATEGORIES = {"dresses": "kleider", "blouses": "blusen", "skirts": "roecke"}
COLORS = {"red": "rot", "blue": "blau-turkis", "green": "grun"}
EVIL = ITEMS[0].number
"""The number of the product whose sku is `../../x`."""


class FashionId(Shop):
    """Tiles, thumbnails that are loaded late, photos with commas in their addresses, and one sku that climbs out."""

    HOST = "www.fashionid.de"
    PHOTO_HOSTS = ("img.fidcdn.net",)

    @staticmethod
    def sku(item: Item) -> str:
        return "../../x" if item.number == EVIL else str(9_650_000 + item.number)

    def slugs(self, item: Item) -> tuple[str, str]:
        return CATEGORIES[item.category], COLORS[item.color]

    def url(self, item: Item) -> str:
        return f"https://{self.HOST}/maria/hemdbluse-mit-kragen-{item.color}_{9_650_000 + item.number}.html"

    def photos(self, item: Item) -> list[str]:
        base = f"https://{self.PHOTO_HOSTS[0]}/r17/product/hemdbluse-mit-kragen"
        return [f"{base}_{9_650_000 + item.number},{item.md5(at)[:6]},484x646f.jpg" for at in range(item.worn + 1)]

    def wish(self, path: str) -> Wish | None:
        found = re.match(r"/damen/([a-z-]+)/farbe-([a-z-]+)/(?:\?|$)", path)
        return Wish(found[1], found[2], number_in(path, "page")) if found else None

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        tiles = "".join(
            f'<div class="product-item qa-product-item"><a href="/{self.url(item).split("/", 3)[3]}">'
            f'<img src="/blank.gif" data-src="{self.photos(item)[0].removeprefix("https:")}"></a></div>'
            for item in items
        )
        links = [(str(number), number) for number in sorted({1, last})] + [("&rsaquo;", page + 1)]
        numbers = "".join(f'<li><a class="js-togglePage" href="?page={to}">{text}</a></li>' for text, to in links)
        return f"""<!doctype html><html lang=de><title>Kleider</title>
            <div class="product-item qa-product-item"><a href="/gutschein_1.html">Gutschein</a></div>
            <div class="prvWrapper qa-prv-wrapper">{tiles}</div>
            <ul class="pagination">{numbers}</ul>"""

    def product_page(self, item: Item) -> str:
        thumbs = "".join(
            f'<li><img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" data-src="{url.removeprefix("https:")}"></li>'
            for url in self.photos(item)
        )
        tags = "".join(f"<li> {tag}\n</li>" for tag in item.tags)
        return f"""<!doctype html><html lang=de><title>{escape(item.name)}</title>
            <div itemscope itemtype="http://schema.org/Product"><meta itemprop="sku" content="{self.sku(item)}">
            <h1 itemprop="name">{escape(item.brand)} {escape(item.name)}</h1>
            <div class="product-item__brand">{escape(item.brand)}</div>
            <h3 class="product-item__description">{escape(item.name)}<span class="hint"> Neu</span></h3>
            <div class="product-gallery col-xs-6"><ul class="gallery-thumbs">{thumbs}</ul></div>
            <div itemprop="offers" itemscope itemtype="http://schema.org/Offer">
            <meta itemprop="price" content="{item.price}"><meta itemprop="priceCurrency" content="EUR"></div>
            <ul class="list-column qa-description-bullet-points-list">{tags}</ul></div>"""
