"""Shops that no site of ours knows: each tells of its products in one way alone."""

import json
import re
from collections.abc import Sequence
from html import escape

from sites.shops import Item, Shop, Wish, number_in


class AnyShop(Shop):
    """Lists at `/women/KIND?page=N`, products at `/p/NUMBER`, photos on a host of their own."""

    def url(self, item: Item) -> str:
        return f"https://{self.HOST}/p/{item.number}"

    def photos(self, item: Item) -> list[str]:
        return [f"https://{self.PHOTO_HOSTS[0]}/{item.number}-{at}.jpg" for at in range(item.worn + 1)]

    def wish(self, path: str) -> Wish | None:
        found = re.match(r"/women/([a-z]+)(?:\?|$)", path)
        return Wish(found[1], "", number_in(path, "page")) if found else None

    def list_url(self, category: str) -> str:
        """Where a list begins."""
        return f"https://{self.HOST}/women/{category}"

    def following(self, page: int, last: int) -> str:
        """The link to the next page; the last page has none."""
        return f'<a rel="next" href="?page={page + 1}">Next</a>' if page < last else ""


class LdShop(AnyShop):
    """JSON-LD: a list of links, and products in a graph, in the midst of other objects."""

    HOST = "www.ld.example"
    PHOTO_HOSTS = ("photos.ld.example",)

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        elements = [{"@type": "ListItem", "position": at, "url": self.url(item)} for at, item in enumerate(items, 1)]
        told = {"@context": "https://schema.org", "@type": "ItemList", "itemListElement": elements}
        return f"<!doctype html><title>Dresses</title>{_ld(told)}{self.following(page, last)}"

    def product_page(self, item: Item) -> str:
        product = {
            "@type": "Product",
            "sku": f"LD.{item.number}",
            "name": item.name,
            "brand": {"@type": "Brand", "name": item.brand},
            "color": item.color,
            "category": item.category,
            "image": [{"@type": "ImageObject", "contentUrl": url} for url in self.photos(item)],
            "offers": [{"@type": "Offer", "price": item.price, "priceCurrency": "EUR"}],
            "additionalProperty": [
                {"@type": "PropertyValue", "name": key, "value": value}
                for key, _, value in (tag.partition(": ") for tag in item.plain_tags)
                if value
            ],
        }
        told = {"@context": "https://schema.org", "@graph": [{"@type": "Organization", "name": "LD"}, product]}
        return f"<!doctype html><title>{escape(item.name)}</title>{_ld({'@type': 'WebSite'})}{_ld(told)}"


class NextShop(AnyShop):
    """`__NEXT_DATA__` alone: the page's elements are made of it by the browser."""

    HOST = "www.next.example"
    PHOTO_HOSTS = ("photos.next.example",)

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        products = [{"id": item.number, "name": item.name, "url": f"/p/{item.number}"} for item in items]
        props = {"products": products, "page": page, "pageCount": last}
        return f"<!doctype html><div id=__next></div>{_next(props)}{self.following(page, last)}"

    def product_page(self, item: Item) -> str:
        product = {
            "id": item.number,
            "sku": f"NX-{item.number}",
            "name": item.name,
            "brand": {"name": item.brand},
            "color": item.color,
            "price": {"value": float(item.price), "currency": "EUR"},
            "images": [{"url": url.removeprefix("https:"), "alt": item.name} for url in self.photos(item)],
        }
        return f"<!doctype html><div id=__next></div>{_next({'product': product})}"


class GraphShop(AnyShop):
    """OpenGraph on product pages, and links around photos on list pages."""

    HOST = "www.graph.example"
    PHOTO_HOSTS = ("photos.graph.example",)

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        tiles = "".join(
            f'<li class="product"><a href="/p/{item.number}"><img src="{self.photos(item)[0]}" alt="">'
            f"<h3>{escape(item.name)}</h3><span>{item.price} €</span></a></li>"
            for item in items
        )
        return f"<!doctype html><title>Dresses</title><ul>{tiles}</ul>{self.following(page, last)}"

    def product_page(self, item: Item) -> str:
        facts = {
            "og:type": "product",
            "og:title": item.name,
            "og:url": self.url(item),
            "product:brand": item.brand,
            "product:price:amount": item.price,
            "product:price:currency": "EUR",
            "product:color": item.color,
            "product:retailer_item_id": f"OG_{item.number}",
        }
        metas = "".join(f'<meta property="{name}" content="{escape(value)}">' for name, value in facts.items())
        images = "".join(f'<meta property="og:image" content="{url}">' for url in self.photos(item))
        return f"<!doctype html><head><title>{escape(item.name)} | Graph</title>{metas}{images}</head><h1>Dress</h1>"


class MicrodataShop(AnyShop):
    """Microdata in the page's own elements."""

    HOST = "www.microdata.example"
    PHOTO_HOSTS = ("photos.microdata.example",)

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        tiles = "".join(
            f'<article itemscope itemtype="https://schema.org/Product"><a itemprop="url" href="/p/{item.number}">'
            f'<span itemprop="name">{escape(item.name)}</span></a></article>'
            for item in items
        )
        return f"<!doctype html><title>Dresses</title>{tiles}{self.following(page, last)}"

    def product_page(self, item: Item) -> str:
        images = "".join(f'<img itemprop="image" src="{url}" alt="">' for url in self.photos(item))
        return f"""<!doctype html><title>{escape(item.name)}</title>
            <main itemscope itemtype="https://schema.org/Product"><meta itemprop="sku" content="MD-{item.number}">
            <h1 itemprop="name">{escape(item.name)}</h1>
            <p itemprop="brand" itemscope itemtype="https://schema.org/Brand">
            <b itemprop="name">{escape(item.brand)}</b></p>
            <p itemprop="color">{item.color}</p>{images}
            <div itemprop="offers" itemscope itemtype="https://schema.org/Offer">
            <span itemprop="priceCurrency" content="EUR">€</span>
            <span itemprop="price" content="{item.price}">{item.german_price}</span></div></main>"""


SHOPS: tuple[type[AnyShop], ...] = (LdShop, NextShop, GraphShop, MicrodataShop)


def _ld(told: object) -> str:
    return f'<script type="application/ld+json">{_json(told)}</script>'


def _next(props: object) -> str:
    text = _json({"props": {"pageProps": props}, "page": "/women", "buildId": "x1"})
    return f'<script id="__NEXT_DATA__" type="application/json">{text}</script>'


def _json(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")
