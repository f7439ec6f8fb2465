"""zalando.de: the pages that seed 003 found in 2018, and the data in scripts that later pages have."""

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar
from urllib.parse import unquote, urlsplit

from fashiontools.scrape.shop.product import Image, Product
from fashiontools.scrape.shop.reader.document import Document, attribute
from fashiontools.scrape.shop.reader.loose_json import nested, values
from fashiontools.scrape.shop.reader.page import ListPage
from fashiontools.scrape.shop.reader.text import plain, price
from fashiontools.scrape.shop.sites.site import ShopSite, last_number, next_page

_SKU = re.compile(r"([A-Za-z0-9]{9}-[A-Za-z0-9]{3})\.html$")
_OF_PRODUCTS = re.compile(r"articleInfo|galleryMedia|attributeSuperClusters|ern:product::|url_key|graphqlCache")
_THUMB = re.compile(r"(?<=[/-])thumb(?=/)")
_WIDTH = re.compile(r"(?<=[?&])imwidth=\d+&?")
_PAGE_OF = re.compile(r"\D{1,12}[0-9]{1,4}\D{1,12}([0-9]{1,4})")  # Seite 1 von 428
_Data = Mapping[str, object]


class Zalando(ShopSite):
    """A photo whose URL has `packshot` in it is one, and the others are worn.

    The packshot's file tells the number: `IV521C00D-A11@12.jpg`. Later pages have it in their own address; their
    data is a cache of answers, keyed by what was asked for, that is searched for what is told of this number.
    """

    name = "zalando"
    hosts = ("www.zalando.de",)
    image_hosts = (*(f"mosaic{number:02}.ztat.net" for number in range(1, 5)), "img01.ztat.net")
    language = "de"
    departments: ClassVar = {"women": "damenbekleidung", "men": "herrenbekleidung"}
    categories: ClassVar = {
        "dresses": ("kleider",),
        "tops": ("shirts",),
        "blouses": ("blusen-tuniken",),
        "knitwear": ("pullover-und-strickjacken",),
        "jackets": ("jacken-maentel", "jacken"),
        "skirts": ("roecke",),
        "pants": ("hosen", "jeans"),
        "jumpsuits": ("hosen-overalls-jumpsuit",),
    }
    colors: ClassVar = {
        "black": "schwarz",
        "white": "weiss",
        "red": "rot",
        "blue": "blau",
        "green": "gruen.oliv",
        "yellow": "gelb",
        "pink": "lila.pink",
        "gray": "grau",
        "beige": "beige",
    }
    list_url = "https://www.zalando.de/{department}-{category}/_{color}/?order=activation_date&p={page}"

    def own_list(self, page: Document) -> ListPage | None:
        """The articles of the list's own data, else those of its cache, else the tiles and cards of the page itself."""
        return _articles_listed(page) or _shown_list_of(page)

    def own_product(self, page: Document) -> Product | None:
        """The data in the page's scripts, else the page itself."""
        return _article_of(page) or _cached_product_of(page) or _shown_product_of(page)

    def viewed(self, images: tuple[Image, ...]) -> tuple[Image, ...]:
        """Packshots and worn; where no URL says packshot, nothing is known of any."""
        alone = ["packshot" in image.url for image in images]
        if not any(alone):
            return images
        return tuple(
            Image(image.url, "product" if is_alone else "model", image.alt)
            for image, is_alone in zip(images, alone, strict=True)
        )


def _has(value: object, *names: str) -> bool:
    return isinstance(value, dict) and all(value.get(name) for name in names)


def _words_of(value: object, *names: str) -> str:
    """A text, or that of an object under the first of the names that it has."""
    values = (value.get(name) for name in names) if isinstance(value, dict) else (value,)
    return next(filter(None, map(plain, values)), "")


def _data_of(page: Document) -> Iterator[_Data]:
    """Every object in the scripts that may tell of products."""
    for script in page.scripts:
        if _OF_PRODUCTS.search(script.text):
            yield from (data for data, _ in nested(values(script.text)) if isinstance(data, dict))


def _list_of(page: Document, links: list[str], last: int, expected: int | None) -> ListPage:
    products = dict.fromkeys(page.absolute(link) for link in links)
    return ListPage(tuple(filter(None, products)), next_page(page.url, "p", last), expected)


def _articles_listed(page: Document) -> ListPage | None:
    """The list's own `articles`: the page has their tiles only after it was scrolled down."""
    for data in _data_of(page):
        articles = data.get("articles")
        if isinstance(articles, list) and any(_has(article, "url_key") for article in articles):
            links = [f"/{plain(article['url_key'])}.html" for article in articles if _has(article, "url_key")]
            paging = data.get("pagination")
            last = last_number(plain(paging.get("page_count"))) if isinstance(paging, dict) else 1
            count = plain(data.get("total_count"))
            return _list_of(page, links, last, int(count) if re.fullmatch(r"[0-9]{1,9}", count) else None)
    return None


def _shown_list_of(page: Document) -> ListPage | None:
    """The links of the cache's cards, of the page's cards, or of the tiles of 2018."""
    cards = [
        data for data in _data_of(page) if _has(data, "sku", "uri") and ("silhouette" in data or "simples" in data)
    ]
    links = [plain(data["uri"]) for data in cards]
    links += [attribute(card, "href") for card in page.tree.css('[data-card-type="media"][href]')]
    links += [attribute(tile, "href") for tile in page.tree.css('[class*="cat_articleContain-"] a[href]')]
    label = page.tree.css_first('[class*="cat_paginationWrapper-"] [class*="cat_label-"]')
    labels = [label] if label is not None else page.tree.css("nav span, nav div, nav p")
    paging = (_PAGE_OF.fullmatch(plain(label.text())) for label in labels)
    last = next((int(found[1]) for found in paging if found), 1)
    return _list_of(page, links, last, None) if links else None


def _article_of(page: Document) -> Product | None:
    """The page's `articleInfo`."""
    info = next((data["articleInfo"] for data in _data_of(page) if _has(data.get("articleInfo"), "id", "media")), None)
    if not isinstance(info, dict):
        return None
    media = info["media"].get("images") if isinstance(info["media"], dict) else None
    sources = [
        image["sources"] for image in media or () if _has(image, "sources") and isinstance(image["sources"], dict)
    ]
    shown = info.get("displayPrice")
    cost = shown.get("price") if isinstance(shown, dict) else None
    return Product(
        id=plain(info["id"]),
        url=page.url,
        name=plain(info.get("name")),
        brand=_words_of(info.get("brand"), "name"),
        price=price(_words_of(cost, "value", "formatted")),
        currency=_words_of(cost, "currency"),
        color=_words_of(info.get("color"), "label", "name"),
        attributes=_tags(info.get("attributes")),
        images=_images(
            page, [source.get("zoom") or source.get("detail") for source in sources if isinstance(source, dict)]
        ),
    )


def _cached_product_of(page: Document) -> Product | None:
    """What the cache of answers tells of the product that the page's address names."""
    sku = _sku_of(page.url)
    about = [data for data in _data_of(page) if sku and _sku_told(data) == sku]
    facts: dict[str, object] = {}
    for data in about:
        for name, value in data.items():
            facts.setdefault(name, value)
    if "galleryMedia" not in facts and "attributeSuperClusters" not in facts:
        return None
    media = facts.get("galleryMedia")
    uris = [item.get("uri") for item in (media if isinstance(media, list) else ()) if isinstance(item, dict)]
    cost = facts.get("display_price")
    amount = _words_of(cost.get("promotional") or cost.get("current"), "amount") if isinstance(cost, dict) else ""
    cents = re.fullmatch(r"([0-9]{1,9})([0-9]{2})", amount)
    return Product(
        id=sku,
        url=page.url,
        name=plain(facts.get("name")),
        brand=_words_of(facts.get("brand"), "name"),
        price=f"{cents[1]}.{cents[2]}" if cents else "",
        currency=_currency_in(about),
        color=_words_of(facts.get("color"), "label", "name"),
        attributes=_tags(facts.get("attributeSuperClusters")),
        images=_images(page, [uri for uri in uris if not re.search(r"\.(?:mp4|avi|m3u8)(?:\?|$)", plain(uri))]),
    )


def _shown_product_of(page: Document) -> Product | None:
    """The page of 2018: headings, details, and a carousel of thumbnails."""
    thumbs = page.tree.css("#z-pdp-topSection .h-carousel-thumbnail picture img")
    if not thumbs:
        return None
    links = [_THUMB.sub("zoom", attribute(thumb, "data-src") or attribute(thumb, "src")) for thumb in thumbs]
    images = _images(page, links)
    packshot = next((urlsplit(image.url).path for image in images if "packshot" in image.url), "")
    brand = page.tree.css_first("#z-pdp-topSection h2") or page.tree.css_first("h2")
    name = page.tree.css_first("h1")
    tags = [plain(tag.text()) for tag in page.tree.css("#z-pdp-detailsSection .h-tabs__panel p")]
    return Product(
        id=unquote(packshot.rpartition("/")[2].rpartition(".")[0]).partition("@")[0] or _sku_of(page.url),
        url=page.url,
        name=plain(name.text()) if name is not None else "",
        brand=plain(brand.text()) if brand is not None else "",
        attributes=tuple(tag for tag in tags if tag),
        images=images,
    )


def _sku_of(url: str) -> str:
    found = _SKU.search(urlsplit(url).path)
    return found[1].upper() if found else ""


def _sku_told(data: _Data) -> str:
    """The number of the product that an object is about: `sku`, or `ern:product::NUMBER`."""
    told = next((plain(data[name]) for name in ("sku", "id", "entity_id") if data.get(name)), "")
    return told.rpartition("::")[2].upper()


def _currency_in(data: list[_Data]) -> str:
    found = (inner.get("currency") for inner, _ in nested(data) if isinstance(inner, dict))
    return next((plain(currency) for currency in found if plain(currency)), "")


def _tags(value: object) -> tuple[str, ...]:
    """`key: value` for each pair that is told of under one of the names that the shop has had for them."""
    pairs = (data for data, _ in nested(value) if isinstance(data, dict)) if isinstance(value, list) else ()
    told = ((data.get("key") or data.get("name"), data.get("value") or data.get("values")) for data in pairs)
    tags = (f"{plain(key)}: {unquote(_words_of(text))}" for key, text in told if plain(key) and _words_of(text))
    return tuple(dict.fromkeys(tags))


def _images(page: Document, links: list[object]) -> tuple[Image, ...]:
    """The photos, without the width that is asked for: then the server sends the largest."""
    urls = (_WIDTH.sub("", page.absolute(link)).rstrip("?&") for link in links if isinstance(link, str))
    return tuple(Image(url) for url in dict.fromkeys(urls) if url)
