"""aboutyou.de: `AboutYou` as it was in 2018, and `AboutYouLater` with what later pages tell search engines."""

import json
import re
from collections.abc import Sequence
from html import escape

from sites.server import Answer
from sites.shops import Item, Shop, Wish, number_in

CATEGORIES = {"dresses": "kleider", "blouses": "blusen-und-tuniken", "skirts": "roecke"}
COLORS = {"red": "38931", "blue": "38920", "green": "38926"}


class AboutYou(Shop):
    """The pages of 2018: hashed classes, photos in inline styles, and products that the filter does not match below.

    A colour that nothing has leads to the list of all colours.
    """

    HOST = "www.aboutyou.de"
    PHOTO_HOSTS = ("cdn.aboutstatic.com",)

    @staticmethod
    def article(item: Item) -> str:
        return f"01.899.{item.number}_498134"

    def slugs(self, item: Item) -> tuple[str, str]:
        return CATEGORIES[item.category], COLORS[item.color]

    def url(self, item: Item) -> str:
        return f"https://{self.HOST}/p/s-oliver/jerseykleid-{3_900_000 + item.number}"

    def photos(self, item: Item) -> list[str]:
        return [f"https://{self.PHOTO_HOSTS[0]}/file/{item.md5(at)}" for at in range(item.worn + 1)]

    def wish(self, path: str) -> Wish | None:
        found = re.match(r"/frauen/bekleidung/([a-z-]+)(?:\?|$)", path)
        color = re.search(r"[?&]bi_color=(\d+)", path)
        return Wish(found[1], color[1] if color else "", number_in(path, "page")) if found else None

    def answer_list(self, wish: Wish) -> Answer:
        if wish.color and not self.wanted(wish):
            return Answer(status=302, headers={"Location": f"/frauen/bekleidung/{wish.category}"})
        return super().answer_list(wish)

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        others = [item for item in self.items if item not in items][:3]
        numbers = "".join(f'<li class="styles__pageNumbers--1Lsj_">{number}</li>' for number in sorted({1, page, last}))
        return f"""<!doctype html><html lang=de><title>Kleider</title>
            <a href="/p/werbung/gutschein-1">Gutschein</a><h1>Kleider</h1>
            <div class="styles__container--1bqmB"><div class="row">{self._tiles(items)}</div></div>
            <div class="styles__paginationWrapper--SrlgQ"><ul>{numbers}</ul></div>
            <section><h2>Weitere Produkte, die dich interessieren</h2>
            <div class="styles__container--1bqmB"><div class="row">{self._tiles(others)}</div></div></section>"""

    def _tiles(self, items: Sequence[Item]) -> str:
        return "".join(
            f'<div class="styles__tile--2s8XN col-sm-6"><a href="/p/{self.url(item).partition("/p/")[2]}">'
            f"<div {self._style(self.photos(item)[0])}></div>"
            f'<div class="styles__brandName--2XS22">{escape(item.brand)}</div></a></div>'
            for item in items
        )

    @staticmethod
    def _style(photo: str) -> str:
        address = photo.removeprefix("https:")
        return f'style="background-image: url(&quot;{address}?width=400&amp;height=480&quot;)"'

    def product_page(self, item: Item) -> str:
        photos = "".join(f"<div {self._style(photo)}></div>" for photo in self.photos(item))
        tags = "".join(f"<li>{tag}</li>" for tag in item.tags)
        others = [other for other in self.items if other != item][:2]
        return f"""<!doctype html><html lang=de><title>{escape(item.name)}</title><main>
            <div class="styles__brandName--2XS22">{escape(item.brand)}</div>
            <div class="styles__productName--2z0ZU">{escape(item.name)}</div>
            <div>{photos}</div>
            <div class="styles__thumbnailWrapper--3uDnG"><a href="{self.url(others[0])}">
            <div {self._style(self.photos(others[0])[0])}></div></a></div>
            <div class="styles__detailsContainer--1ku-C">
            <div class="styles__accordionContainer--1dPP0"><ul>{tags}</ul></div>
            <div class="styles__accordionContainer--1dPP0"><ul>
            <li class="styles__articleNumber--1UszN">Artikel-Nr: {self.article(item)}</li></ul></div></div></main>
            <section><h2>Weitere Produkte</h2>{self._tiles(others)}</section>"""


class AboutYouLater(AboutYou):
    """JSON-LD alone: the packshot is a cut-out, somewhere among the worn photos."""

    def photos(self, item: Item) -> list[str]:
        base = f"https://{self.PHOTO_HOSTS[0]}/file/images"
        kinds = ("png", *("jpg" for _ in range(item.worn)))
        return [f"{base}/{item.md5(at)}.{kind}" for at, kind in enumerate(kinds)]

    def product_page(self, item: Item) -> str:
        size = "?quality=75&height=1280&width=960"
        told = {
            "@context": "https://schema.org",
            "@type": "Product",
            "sku": self.article(item),
            "name": item.name,
            "brand": {"@type": "Brand", "name": item.brand},
            "color": "rot",
            "image": [url + size for url in (*self.photos(item)[1:], self.photos(item)[0])],
            "offers": {"@type": "Offer", "price": item.price, "priceCurrency": "EUR"},
        }
        text = json.dumps(told).replace("</", "<\\/")
        return f"""<!doctype html><html lang=de><script type="application/ld+json">{text}</script>
            <h1>{escape(item.name)}</h1>"""
