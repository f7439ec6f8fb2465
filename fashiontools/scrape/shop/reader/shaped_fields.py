"""What the fields of a product are called in the data of shops, and what stands in them."""

import itertools
import re
from collections.abc import Iterator, Mapping

from fashiontools.scrape.shop.product import Product
from fashiontools.scrape.shop.reader.categories import leaf
from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.images import Found, in_value, looks_like_photo, photos
from fashiontools.scrape.shop.reader.text import currency, listed, plain, price

Node = Mapping[str, object]

_NAMES = listed("name title productName product_name displayName displayTitle productTitle")
_IDS = listed("sku articleNumber articleId article_number id productId product_id productID pid styleCode code itemId")
_BRANDS = listed("brand brandName brand_name manufacturer designer vendor")
_PRICES = listed(
    "price currentPrice salePrice finalPrice displayPrice prices priceInfo pricing priceRange minPrice offers"
)
_AMOUNTS = listed(  # a text for readers is no amount in cents
    "current sale promotional promotion discounted reduced final formatted formattedPrice text display centAmount "
    "withTax cents amount value price min low lowPrice minimum minVariantPrice regular base original"
)
_CENTS = frozenset(listed("centAmount withTax cents amountInCents priceInCents"))
_CURRENCIES = listed("currency currencyCode priceCurrency currency_code currencyIso isoCode")
_COLORS = listed("color colour colorName color_name colorLabel baseColor farbe")
_CATEGORIES = listed("category categoryName category_name productType product_type silhouette categories")
_DESCRIPTIONS = listed("description longDescription descriptionHtml body_html shortDescription")
_LINKS = listed("url href link productUrl product_url pdpUrl canonicalUrl canonical_url seoUrl path uri")
_WORDS = listed("name label title displayName value text")
_KEYS = listed("key name label title")
_VALUES = listed("value values text data")

_IMAGES = re.compile(r"image|img|media|galler|picture|photo|packshot|\bviews?\b|assets|thumbnail", re.IGNORECASE)
_NO_IMAGES = re.compile(r"swatch|logo|icon|avatar|banner|badge|brand|video|variant|sibling|review|count", re.IGNORECASE)
_ATTRIBUTES = re.compile(
    r"attribut|specification|\bspecs\b|feature|characteristic|propert|details|material|cluster", re.IGNORECASE
)
_NAMESPACE = re.compile(r"\A(?:gid://|(?:ern|urn):).*[:/]")  # `ern:product::AB1`, `gid://shopify/Product/1`
_MOST_ATTRIBUTES = 200
_PRODUCT_KEYS = frozenset(listed("price prices sku brand"))


def name_of(node: Node) -> str:
    """A product's name."""
    return next((text for key in _NAMES if isinstance(node.get(key), str) and (text := plain(node[key]))), "")


def numbers_of(node: Node) -> Iterator[str]:
    """All its numbers, the best one first."""
    for key in _IDS:
        value = node.get(key)
        if isinstance(value, str | int) and not isinstance(value, bool) and (text := plain(value)) and len(text) < 100:
            yield _NAMESPACE.sub("", text)


def number_of(node: Node) -> str:
    """Its number."""
    return next(numbers_of(node), "")


def link_of(node: Node) -> str:
    """The address of its page, as it stands there."""
    for key in _LINKS:
        value = node.get(key)
        if isinstance(value, dict):
            value = next((value[inner] for inner in ("href", "url", "path") if inner in value), None)
        if isinstance(value, str) and re.match(r"https?://|/", value) and not looks_like_photo(value):
            return value
    return ""


def found_images(node: Node) -> Iterator[Found]:
    """Its photos: under a name that says so, or texts and objects in a list that can be nothing else."""
    for key, value in node.items():
        if not isinstance(value, str | list | dict) or _NO_IMAGES.search(key):
            continue
        if _IMAGES.search(key):
            for found in in_value(value):
                if looks_like_photo(found.url) or re.match(r"(?:https?:)?//", found.url):
                    yield found
        elif isinstance(value, list) and value and all(_is_image(item) for item in value[:3]):
            yield from in_value(value, by_shape=True)


def _is_image(value: object) -> bool:
    if isinstance(value, dict):
        return not _PRODUCT_KEYS & value.keys() and any(looks_like_photo(item) for item in value.values())
    return looks_like_photo(value)


def has_images(node: Node) -> bool:
    """Whether it has any photo."""
    return next(found_images(node), None) is not None


def has_price(node: Node) -> bool:
    """Whether it has a price or a brand, as things that are sold have."""
    return any(node.get(key) not in (None, "", [], {}) for key in (*_PRICES, *_BRANDS))


def product_of(node: Node, document: Document) -> Product:
    """Everything that one object says of a product; what it does not say is empty."""
    name = name_of(node)
    amount, unit = _price(node)
    return Product(
        id=number_of(node),
        url=document.url,
        name=name,
        brand=_word(node, _BRANDS),
        price=amount,
        currency=unit,
        category=_category(node),
        color=_word(node, _COLORS),
        attributes=_attributes(node),
        description=_word(node, _DESCRIPTIONS),
        images=photos(found_images(node), document.base, name),
    )


def _word(node: Node, keys: tuple[str, ...]) -> str:
    return next((text for key in keys if (text := _worded(node.get(key)))), "")


def _worded(value: object, depth: int = 0) -> str:
    """The words of a text, or of an object or list that has one."""
    if isinstance(value, list):
        return next((text for item in value[:5] if depth < 3 and (text := _worded(item, depth + 1))), "")
    if isinstance(value, dict):
        return next((text for key in _WORDS if depth < 3 and (text := _worded(value.get(key), depth + 1))), "")
    return plain(value)


def _category(node: Node) -> str:
    for key in (*_CATEGORIES, "breadcrumbs", "breadcrumb"):
        value = node.get(key)
        texts = [_worded(item) for item in value] if isinstance(value, list) else [_worded(value)]
        if found := leaf([text for text in texts if text]):
            return found
    return ""


def _price(node: Node) -> tuple[str, str]:
    for key in _PRICES:
        amount, unit = _amount(node.get(key), key)
        if amount:
            return amount, unit or _currency(node)
    return "", ""


def _amount(value: object, key: str, depth: int = 0) -> tuple[str, str]:
    """An amount and its currency, in any of the forms that shops have for them."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict) and depth < 4:
        for inner in _AMOUNTS:
            amount, unit = _amount(value.get(inner), inner, depth + 1)
            if amount:
                return amount, _currency(value) or unit
        return "", ""
    if key in _CENTS and isinstance(value, int):
        return f"{value // 100}.{value % 100:02d}", ""
    return (price(value), currency(value)) if isinstance(value, str | int | float) else ("", "")


def _currency(node: Node) -> str:
    return next((code for key in _CURRENCIES if (code := currency(_worded(node.get(key))))), "")


def _attributes(node: Node) -> tuple[str, ...]:
    """Its tags: lists of keys and values at any depth, an object with a value for each key, lists of words."""
    values = (value for name, value in node.items() if isinstance(value, list | dict) and _ATTRIBUTES.search(name))
    tags = (tag for value in values for tag in _tags(value, 0))
    return tuple(dict.fromkeys(itertools.islice(tags, _MOST_ATTRIBUTES)))


def _tags(value: object, depth: int) -> Iterator[str]:
    if isinstance(value, list) and depth < 9:
        for item in value:
            if isinstance(item, str):
                yield from (text for text in [_scalar(item)] if text)
            else:
                yield from _tags(item, depth + 1)
    elif isinstance(value, dict) and depth < 9:
        key = next((text for name in _KEYS if isinstance(value.get(name), str) and (text := plain(value[name]))), "")
        said = next((value[name] for name in _VALUES if value.get(name) not in (None, "", [])), None)
        if key and (text := _joined(said)):
            yield f"{key.rstrip(': ')}: {text}"
        elif depth == 0 and not any(isinstance(item, list | dict) for item in value.values()):
            yield from (f"{plain(name)}: {text}" for name, item in value.items() if (text := _scalar(item)))
        else:
            for item in value.values():
                if isinstance(item, list | dict):
                    yield from _tags(item, depth + 1)


def _joined(value: object) -> str:
    if isinstance(value, list):
        if any(isinstance(item, dict) and any(key in item for key in _VALUES) for item in value):
            return ""  # a cluster of attributes, each of which is told by itself
        return ", ".join(text for item in value if (text := _worded(item)))
    return _worded(value)


def _scalar(value: object) -> str:
    text = plain(value) if isinstance(value, str) else ""
    return "" if "://" in text else text
