"""aboutyou.de as seed 003 found it in 2018, and how its photos are named now."""

import re
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborNode

from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.page import ListPage
from fashiontools.scrape.shop.reader.text import plain
from fashiontools.scrape.shop.sites.site import ShopSite, last_number, next_page, packshot_first

_BACKGROUND = re.compile(r"url\(\s*[\"']?([^\"')]+)")
_OTHERS = "weitere produkte"  # heads the tiles that the filter does not match


class AboutYou(ShopSite):
    """React pages with hashed class names, of which the first half is lasting, and photos in inline styles.

    A page of 2018 shows the packshot first. Later pages have it as a cut-out, a PNG, among worn photos, JPEGs.
    """

    name = "aboutyou"
    hosts = ("www.aboutyou.de",)
    image_hosts = ("cdn.aboutstatic.com",)
    language = "de"
    departments: ClassVar = {"women": "frauen", "men": "maenner"}
    categories: ClassVar = {
        "dresses": ("kleider",),
        "knitwear": ("strick",),
        "pants": ("hosen", "jeans"),
        "jackets": ("jacken",),
        "blouses": ("blusen-und-tuniken",),
        "skirts": ("roecke",),
        "tops": ("shirts", "tops"),
        "jumpsuits": ("jumpsuits-und-overalls",),
    }
    colors: ClassVar = {
        "black": "38932",
        "white": "38935",
        "red": "38931",
        "blue": "38920",
        "green": "38926",
        "yellow": "38923",
        "pink": "38930",
        "gray": "38925",
        "beige": "38919",
    }
    list_url = "https://www.aboutyou.de/{department}/bekleidung/{category}?bi_color={color}&sort=new&page={page}"

    def is_asked_for(self, asked: str, found: str) -> bool:
        """Where no product has the colour, the shop leads to all of the category: the colour is gone from the URL."""
        color = parse_qs(urlsplit(asked).query).get("bi_color")
        return color is None or parse_qs(urlsplit(found).query).get("bi_color") == color

    def own_list(self, page: Document) -> ListPage | None:
        """The tiles above "Weitere Produkte"."""
        tree = page.tree
        if tree.css_first('[class*="styles__tile--"]') is None:
            return None
        products: dict[str, None] = {}
        for node in tree.css('h1, h2, h3, h4, [class*="styles__tile--"] a[href]'):
            if node.tag != "a" and plain(node.text()).lower().startswith(_OTHERS):
                break
            if node.tag == "a":
                products[page.absolute(attribute(node, "href"))] = None
        numbers = tree.css('[class*="styles__paginationWrapper--"] li[class*="styles__pageNumbers--"]')
        last = last_number(numbers[-1].text()) if numbers else 1
        return ListPage(tuple(filter(None, products)), next_page(page.url, "page", last), None)

    def own_product(self, page: Document) -> Product | None:
        """Brand, name, the details of the accordion, and the photos of the gallery."""
        tree = page.tree
        article = tree.css_first('li[class*="styles__articleNumber--"]')
        if article is None:
            return None
        brand = tree.css_first('[class*="styles__brandName--"]')
        name = tree.css_first('[class*="styles__productName--"]')
        items = tree.css('[class*="styles__detailsContainer--"] [class*="styles__accordionContainer--"] li')
        tags = [plain(item.text()) for item in items if "styles__articleNumber--" not in attribute(item, "class")]
        return Product(
            id=plain(article.text()).rpartition(":")[2].strip(),
            url=page.url,
            name=plain(name.text()) if name is not None else "",
            brand=plain(brand.text()) if brand is not None else "",
            attributes=tuple(tag for tag in tags if tag),
            images=tuple(Image(photo) for photo in _photos(page)),
        )

    def viewed(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """Cut-outs alone, all others worn; without cut-outs the first alone."""
        cut_out = [urlsplit(image.url).path.endswith(".png") for image in images]
        if not any(cut_out):
            return packshot_first(images)
        return tuple(
            Image(image.url, "product" if alone else "model", image.alt)
            for image, alone in zip(images, cut_out, strict=True)
        )


def _photos(page: Document) -> list[str]:
    """The photos in inline styles, without the size that is asked for: then the server sends the largest.

    Those in links are of other products, or of this one in another colour.
    """
    styled = [node for node in page.tree.css('[style*="url("]') if not _is_in_link(node)]
    found = (match for node in styled for match in _BACKGROUND.findall(attribute(node, "style")))
    photos = (page.absolute(photo).partition("?")[0] for photo in found)
    return list(dict.fromkeys(photo for photo in photos if urlsplit(photo).hostname in AboutYou.image_hosts))


def _is_in_link(node: LexborNode | None) -> bool:
    while node is not None:
        if node.tag == "a":
            return True
        node = node.parent
    return False
