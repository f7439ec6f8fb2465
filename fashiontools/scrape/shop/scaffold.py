"""`python -m fashiontools.scrape.shop.scaffold NAME HOST` begins a new shop: its site, its local copy and its test.

What is written works: the site reads the copy, and the test passes as soon as the line that is told stands in
`table.py`. From there on the copy is made like the shop, and the site like the copy.
"""

import keyword
import re
import sys
from pathlib import Path
from string import Template

from fashiontools.core.errors import UsageError, exit_code_of, say
from fashiontools.scrape.shop.table import SITES

_NAME = re.compile(r"[a-z][a-z0-9]*")
_HOST = re.compile(r"(?!-)[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_TAKEN = ("site", "answers", "generic")

_SITE = '''"""$host, as FILL IN WHEN it was found."""

from typing import ClassVar

from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.page import ListPage
from fashiontools.scrape.shop.reader.text import plain
from fashiontools.scrape.shop.sites.site import ShopSite, last_number, next_page, packshot_first


class $kind(ShopSite):
    """The first photo of a product is the packshot."""

    name = "$name"
    hosts = ("$host",)
    image_hosts = ("$photos",)
    language = "en"
    departments: ClassVar = {"women": "women", "men": "men"}
    categories: ClassVar = {"dresses": ("dresses",), "blouses": ("blouses",)}
    colors: ClassVar = {"red": "red", "blue": "blue"}
    list_url = "https://$host/{department}/{category}?color={color}&page={page}"

    def own_list(self, page: Document) -> ListPage | None:
        """The links of the tiles; the last page is the last number below them."""
        tiles = page.tree.css(".tile a[href]")
        numbers = page.tree.css(".pages li")
        last = last_number(numbers[-1].text()) if numbers else 1
        products = dict.fromkeys(page.absolute(attribute(tile, "href")) for tile in tiles)
        return ListPage(tuple(filter(None, products)), next_page(page.url, "page", last), None) if tiles else None

    def own_product(self, page: Document) -> Product | None:
        """The words and photos of the page; what is not looked for here comes from what it tells search engines."""
        sku = page.tree.css_first("[data-sku]")
        if sku is None:
            return None
        photos = dict.fromkeys(page.absolute(attribute(photo, "src")) for photo in page.tree.css(".gallery img[src]"))
        name, brand = page.tree.css_first("h1"), page.tree.css_first(".brand")
        return Product(
            id=plain(attribute(sku, "data-sku")),
            url=page.url,
            name=plain(name.text()) if name is not None else "",
            brand=plain(brand.text()) if brand is not None else "",
            attributes=tuple(filter(None, (plain(tag.text()) for tag in page.tree.css(".attributes li")))),
            images=tuple(Image(photo) for photo in photos if photo),
        )

    def viewed(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """The first alone, the others worn."""
        return packshot_first(images)
'''

_COPY = '''"""$host, as FILL IN WHEN it was found."""

import re
from collections.abc import Sequence
from html import escape

from sites.shops import Item, Shop, Wish, number_in


class $kind(Shop):
    """Tiles and numbers of pages; a gallery and tags."""

    HOST = "$host"
    PHOTO_HOSTS = ("$photos",)

    @staticmethod
    def sku(item: Item) -> str:
        return f"SKU-{item.number}"

    def url(self, item: Item) -> str:
        return f"https://{self.HOST}/p/{item.number}"

    def photos(self, item: Item) -> list[str]:
        return [f"https://{self.PHOTO_HOSTS[0]}/{item.number}-{at}.jpg" for at in range(item.worn + 1)]

    def wish(self, path: str) -> Wish | None:
        found = re.match(r"/women/([a-z]+)\\?color=([a-z]+)(?:&|$$)", path)
        return Wish(found[1], found[2], number_in(path, "page")) if found else None

    def list_page(self, items: Sequence[Item], page: int, last: int) -> str:
        tiles = "".join(f'<div class="tile"><a href="/p/{item.number}">{escape(item.name)}</a></div>' for item in items)
        numbers = "".join(f"<li>{number}</li>" for number in range(1, last + 1))
        return f'<!doctype html><title>List</title>{tiles}<ul class="pages">{numbers}</ul>'

    def product_page(self, item: Item) -> str:
        photos = "".join(f'<img src="{url}">' for url in self.photos(item))
        tags = "".join(f"<li>{tag}</li>" for tag in item.tags)
        return f"""<!doctype html><title>{escape(item.name)}</title><main data-sku="{self.sku(item)}">
            <p class="brand">{escape(item.brand)}</p><h1>{escape(item.name)}</h1>
            <div class="gallery">{photos}</div><ul class="attributes">{tags}</ul></main>"""
'''

_TEST = '''"""$host, as FILL IN WHEN it was found."""

from site_checks import alone, listed, read, worn
from sites.shops import ITEMS
from sites.shops_$name import $kind

from fashiontools.scrape.shop.sites.site import Query
from fashiontools.scrape.shop.table import open_site

RED_DRESSES = Query(category="dresses", color="red")
SHOP = $kind()


def test_a_product() -> None:
    for item in ITEMS:
        product = read(open_site("$name"), SHOP, item, RED_DRESSES)
        assert product.id == SHOP.sku(item)
        assert product.url == SHOP.url(item)
        assert (product.name, product.brand) == (item.name, item.brand)
        assert (product.category, product.color) == ("dresses", "red")
        assert product.attributes == item.plain_tags
        assert alone(product) == SHOP.photos(item)[:1]
        assert worn(product) == SHOP.photos(item)[1:]


def test_lists_are_followed_to_their_end() -> None:
    found = list(listed(open_site("$name"), SHOP, RED_DRESSES))
    assert found == [(RED_DRESSES, item) for item in ITEMS if (item.category, item.color) == ("dresses", "red")]
'''

_FILES = {
    "fashiontools/scrape/shop/sites/$name.py": _SITE,
    "tests/sites/shops_$name.py": _COPY,
    "tests/scrape/shop/test_site_$name.py": _TEST,
}


def write_site(name: str, host: str, root: Path) -> list[Path]:
    """Write the files of a new shop.

    Args:
        name: What it is to be called: small letters and digits.
        host: Of its pages, for example `www.shop.example`.
        root: The folder that has `fashiontools` and `tests`.

    Returns:
        The site, its local copy and its test.

    Raises:
        UsageError: The name is taken, or no name, or the host is none, or this is no checkout; nothing was written.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise UsageError(f"{name!r} cannot be a shop's name: expected small letters and digits, for example asos")
    if not _HOST.fullmatch(host):
        raise UsageError(f"{host!r} is not the name of a host: expected for example www.shop.example")
    if name in SITES or name in _TAKEN:
        raise UsageError(f"there is a shop {name!r} already")
    words = {"name": name, "kind": name.capitalize(), "host": host, "photos": f"photos.{host.removeprefix('www.')}"}
    files = {root / Template(file).substitute(words): Template(text).substitute(words) for file, text in _FILES.items()}
    for path in files:
        if not path.parent.is_dir():
            missing = path.parent.relative_to(root)
            raise UsageError(f"{root} is not the folder of fashiontools' source: it has no {missing}")
        if path.exists():
            raise UsageError(f"{path} is there already")
    for path, text in files.items():
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    return list(files)


def table_line(name: str, host: str) -> str:
    """What to add to the table of `table.py`."""
    target = f"fashiontools.scrape.shop.sites.{name}:{name.capitalize()}"
    return f'"{name}": Entry(target="{target}", summary="{host}.", source="https://{host}"),'


def main(words: list[str]) -> None:
    """Write the files of a new shop into the current folder, and say what to do next."""
    if len(words) != 2:
        raise UsageError("expected NAME HOST, for example: asos www.asos.com")
    name, host = words
    for path in write_site(name, host, Path.cwd()):
        say(f"wrote {path}")
    say(f"add this line to SITES in fashiontools/scrape/shop/table.py: {table_line(name, host)}")


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
