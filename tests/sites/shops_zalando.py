"""zalando.de: `Zalando` as it was in 2018; `ZalandoProps`, `ZalandoCache` with the data in scripts of later years."""

import json
import re
from collections.abc import Sequence
from html import escape

from sites.shops import Item, Shop, Wish, number_in

CATEGORIES = {"dresses": "kleider", "blouses": "blusen-tuniken", "skirts": "roecke"}
COLORS = {"red": "rot", "blue": "blau", "green": "gruen.oliv"}


class Zalando(Shop):
    """The pages of 2018: custom elements, hashed classes, small photos that tell where the large ones are."""

    HOST = "www.zalando.de"
    PHOTO_HOSTS = ("mosaic01.ztat.net",)

    @staticmethod
    def sku(item: Item) -> str:
        return f"IV5{item.number:03}C0D-A11"

    def slugs(self, item: Item) -> tuple[str, str]:
        return CATEGORIES[item.category], COLORS[item.color]

    def url(self, item: Item) -> str:
        return f"https://{self.HOST}/jerseykleid-{item.color}-{self.sku(item).lower()}.html"

    def photos(self, item: Item) -> list[str]:
        sku = self.sku(item)
        folder = "/".join((*(sku[at : at + 2] for at in range(0, 8, 2)), sku[8] + sku[10], sku[11:]))
        base = f"https://{self.PHOTO_HOSTS[0]}/vgs/media"
        worn = [f"{base}/model/pdp-zoom/{folder}/{sku}@{at}.jpg" for at in range(10, 10 + item.worn)]
        return [f"{base}/packshot/pdp-zoom/{folder}/{sku}@9.jpg", *worn]

    def wish(self, path: str) -> Wish | None:
        found = re.match(r"/damenbekleidung-([a-z-]+)/_([a-z.]+)/(?:\?|$)", path)
        return Wish(found[1], found[2], number_in(path, "p")) if found else None

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        tiles = "".join(
            f'<z-grid-item><div class="cat_articleContain-1Z60A"><a href="/{self.url(item).rpartition("/")[2]}">'
            f'<img src="{self.photos(item)[-1].replace("zoom", "thumb")}"></a></div></z-grid-item>'
            for item in items
        )
        return f"""<!doctype html><html lang=de><title>Kleider</title><a href="/login.html">Anmelden</a>
            <z-grid class="cat_articles">{tiles}</z-grid>
            <z-grid-item class="cat_paginationWrapper-2rUKy"><div class="cat_label-2W3Y8">Seite {page} von {last}</div>
            </z-grid-item>"""

    def product_page(self, item: Item) -> str:
        photos = [*self.photos(item)[1:], self.photos(item)[0]]  # worn ones come first
        thumbs = "".join(f'<picture><img src="{url.replace("pdp-zoom", "pdp-thumb")}"></picture>' for url in photos)
        tags = "".join(f"<p>{tag.replace(chr(160), '&nbsp;')}</p>" for tag in item.tags)
        other = next(other for other in self.items if other != item)
        return f"""<!doctype html><html lang=de><title>{escape(item.name)}</title>
            <div id="z-pdp-topSection"><h2>{escape(item.brand)}</h2><h1> {escape(item.name)} </h1>
            <div class="h-container h-carousel h-carousel-thumbnail vertical h-align-left">{thumbs}</div></div>
            <div id="z-pdp-detailsSection"><div class="h-container h-flex-no-shrink h-tabs__panel h-align-left">{tags}
            </div></div><p>Kostenloser Versand</p>
            <div class="reco"><picture><img src="{self.photos(other)[0]}"></picture></div>"""


class ZalandoProps(Zalando):
    """The years after: lists and products are data in CDATA, and the page's elements are made of it by the browser."""

    as_list = False  # whether the data is the only item of a list

    def _cdata(self, name: str, data: object) -> str:
        text = json.dumps([data] if self.as_list else data, ensure_ascii=False).replace("</", "<\\/")
        return f'<script id="{name}" type="application/json"><![CDATA[{text}]]></script>'

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        keys = [self.url(item).rpartition("/")[2].removesuffix(".html") for item in items]
        articles = [
            {"sku": self.sku(item), "name": item.name, "url_key": key} for item, key in zip(items, keys, strict=True)
        ]
        data = {
            "articles": articles,
            "pagination": {"current_page": page, "page_count": last},
            "total_count": sum(self.slugs(item) == self.slugs(items[0]) for item in self.items) if items else 0,
        }
        return f"<!doctype html><html lang=de><title>Kleider</title>{self._cdata('z-nvg-cognac-props', data)}"

    def product_page(self, item: Item) -> str:
        pairs = [tag.split(":\u00a0") for tag in item.tags if "\u00a0" in tag]
        info = {
            "id": self.sku(item),
            "name": item.name,
            "brand": {"name": item.brand},
            "color": "bordeaux",
            "displayPrice": {"price": {"value": float(item.price), "currency": "EUR", "formatted": item.german_price}},
            "media": {
                "images": [
                    {"sources": {"thumb": url.replace("pdp-zoom", "pdp-thumb"), "zoom": url}}
                    for url in self.photos(item)
                ]
            },
            "attributes": [{"category": "Details", "data": [{"name": key, "values": value} for key, value in pairs]}],
        }
        return (
            f"<!doctype html><html lang=de><title>{escape(item.name)}</title>"
            f"{self._cdata('z-vegas-pdp-props', {'model': {'articleInfo': info}})}"
        )


class ZalandoPropsList(ZalandoProps):
    """The same data in a list."""

    as_list = True


class ZalandoCache(ZalandoProps):
    """Lately: a cache of answers under keys that change, in several scripts, with those of other products between."""

    PHOTO_HOSTS = ("img01.ztat.net",)

    def photos(self, item: Item) -> list[str]:
        names = [f"{item.md5(at)}/{item.md5(100 + at)}.jpg" for at in range(item.worn + 1)]
        base = f"https://{self.PHOTO_HOSTS[0]}/article/spp-media-p1"
        return [f"{base}/{name}{'' if at else '?filter=packshot'}" for at, name in enumerate(names)]

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        cache = {
            f"{at:02x}16d2": {
                "data": {
                    "product": {
                        "id": f"ern:product::{self.sku(item)}",
                        "sku": self.sku(item),
                        "name": item.name,
                        "uri": self.url(item),
                        "silhouette": "dress",
                        "simples": [{"size": "38", "sku": f"{self.sku(item)}000S00"}],
                        "smallDefaultMedia": {"uri": self.photos(item)[0] + "&imwidth=156"},
                    }
                }
            }
            for at, item in enumerate(items)
        }
        card = f'<article><a data-card-type="media" href="{self.url(items[0])}">1</a></article>' if items else ""
        return f"""<!doctype html><html lang=de><title>Kleider</title>{card}<a href="/marke-damen/">Marke</a>
            <script class="re-data-el-hydrate" type="application/json">{_json({"graphqlCache": cache})}</script>
            <nav><div class="KxHAYs"><span class="_2kjxJ6">Seite {page} von {last}</span></div></nav>"""

    def product_page(self, item: Item) -> str:
        others = [other for other in self.items if other != item][:2]
        caches = [self._cache(other, f"{at:02x}") for at, other in enumerate([others[0], item, others[1]])]
        first = {key: value for cache in caches for key, value in cache.items() if not key.startswith("ern")}
        rest = {key: value for cache in caches for key, value in cache.items() if key.startswith("ern")}
        return f"""<!doctype html><html lang=de><title>{escape(item.name)}</title>
            <script type="application/json" class="re-1-15" data-re-asset="a1">{_json({"graphqlCache": first})}</script>
            <script id="re-ph-0">window.__re={_json({"cache": rest})};window.__re.go()</script>"""

    def _cache(self, item: Item, query: str) -> dict[str, object]:
        sku = self.sku(item)
        media = [
            {"__typename": "Image", "uri": f"{url.partition('?')[0]}?imwidth=156{'' if at else '&filter=packshot'}"}
            for at, url in enumerate(self.photos(item))
        ]
        pairs = [tag.split(":\u00a0") for tag in item.tags if "\u00a0" in tag]
        clusters = [{"attributes": [{"key": key, "value": value.replace("%", "%25")} for key, value in pairs]}]
        cents = {"amount": int(item.price.replace(".", "")), "currency": "EUR"}
        gallery = {"sku": sku, "name": item.name, "brand": {"name": item.brand}, "galleryMedia": media}
        return {
            f"{query}gallery": {"data": {"product": {"id": f"ern:product::{sku}", **gallery}}},
            f"{query}tags": {
                "data": {"product": {"sku": sku, "attributeSuperClusters": [{"id": "details", "clusters": clusters}]}}
            },
            f'ern {{"id":"{query}","variables":{{"id":"ern:product::{sku}"}}}}': {
                "data": {
                    "context": {
                        "entity_id": f"ern:product::{sku}",
                        "color": {"name": "RED", "label": "bordeaux"},
                        "display_price": {"current": cents, "original": cents},
                    }
                }
            },
        }


def _json(value: object) -> str:
    return json.dumps(value).replace("</", "<\\/")
