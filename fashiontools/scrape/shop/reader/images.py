"""A product's photos from whatever a page says of them: each once, in its largest size, with its view where told."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from fashiontools.scrape.shop.product import Image, View
from fashiontools.scrape.shop.reader.document import absolute
from fashiontools.scrape.shop.reader.text import listed, plain

MOST_IMAGES = 200

_UNSIZED = 1 << 30  # a URL that names no size is the original
_WIDTHS = frozenset(listed("imwidth width w wid sw mw maxwidth max-width imheight height h hei sh mh maxheight size"))
_LOOKS = frozenset(
    listed(
        "quality q qlt fit crop format fm fmt auto dpr bg background filter resmode resize scale mode v sfrm sm "
        "cx cy cw ch strip optimize fl"
    )
)
_PATH_SIZE = re.compile(r"(?<=/)(\d{2,4})x(\d{2,4})?f?(?=/)/|[-_,.](\d{2,4})x(\d{2,4})?f?(?=[./_,@-]|\Z)|@[23]x(?=\.)")
_PATH_PARTS = re.compile(r"(?<=/)(?:[a-z]{1,3}_[^,/]+,)*[wh]_(\d+)(?:,[a-z]{1,3}_[^,/]+)*/")
_SRCSET = re.compile(r"[\s,]*+(\S*[^\s,])(?:\s++([^,\s][^,]*+))?")
_DRAWN = re.compile(r"\.(?:svg|gif|ico)\Z|\.svg/", re.IGNORECASE)
_NO_PHOTO = re.compile(r"\.(?:mp4|webm|m3u8|mov|ogv|html?|js|css|json|pdf|glb|usdz|woff2?)\Z", re.IGNORECASE)
_PHOTO = re.compile(r"\.(?:jpe?g|jfif|png|webp|avif|tiff?|bmp|heic)\b|/(?:images?|img|media|photos?|pictures?)/", re.I)
_STANDS_IN = frozenset(listed("placeholder spacer blank transparent loading loader lazyload noimage dummy pixel"))
_WORD = re.compile(r"[^\W\d_]+")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")

_LARGEST_FIRST = listed(
    "zoom original originalUrl orig full fullsize zoomUrl largeUrl xxl xl xlarge large big hires highres highRes "
    "contentUrl @value url uri src secure_url imageUrl image_url imageURL sourceUrl path href link @id medium normal "
    "default small thumb thumbnail thumbnailUrl"
)
_WITHIN = listed("sources sizes formats urls renditions image images media node file src url zoom large preview")
_SEVERAL = ("image", "images", "media", "node")  # several photos, not several sizes of one
_ALTS = ("alt", "altText", "alternateText", "caption", "title", "name", "description", "label")
_TOLD = listed("type view kind imageType mediaType shotType imageView perspective role tags variation usage key")

_PACKSHOT = frozenset(listed("packshot packshots freisteller cutout ghost"))
_WORN = frozenset(listed("model models worn outfit look lookbook onmodel tragebild getragen"))
_ALONE = frozenset(listed("product produkt flat flatlay front still laydown"))


@dataclass(frozen=True)
class Found:
    """A photo as a page has it.

    Attributes:
        url: As it stands there.
        width: In pixels, as told beside it; 0 where it is not.
        alt: What it is said to show.
        told: Words that say what kind of photo it is.
    """

    url: str
    width: int = 0
    alt: str = ""
    told: str = ""


def photos(found: Iterable[Found], base: str, name: str = "") -> tuple[Image, ...]:
    """Make a product's photos of what a page says.

    The same photo in several sizes is one; so it is where URLs differ in the parameters or the part of the path that
    name a size, a quality or a format. Left out are `data:` URLs, drawings (SVG, GIF), stand-ins and videos.

    Args:
        found: In the order of the page.
        base: What relative URLs are relative to.
        name: The product's name: words of it tell nothing of a view.

    Returns:
        At most `MOST_IMAGES`, in the order of the page.
    """
    groups: dict[str, _Photo] = {}
    for one in found:
        url = absolute(one.url, base)
        if not url or not _is_photo(url):
            continue
        key, size = _key_and_size(url)
        if key not in groups and len(groups) >= MOST_IMAGES:
            continue
        groups.setdefault(key, _Photo()).add(url, one.width if size == _UNSIZED and one.width else size, one)
    shared = _words(name)
    if len(groups) > 1:
        shared |= set.intersection(*(photo.words for photo in groups.values()))
    return tuple(photo.image(shared, whole_path=len(groups) > 1) for photo in groups.values())


class _Photo:
    """One photo, while its sizes come in."""

    def __init__(self) -> None:
        self._url = self._alt = ""
        self._size = -1
        self._told: set[str] = set()
        self.words: set[str] = set()

    def add(self, url: str, size: int, found: Found) -> None:
        if size > self._size:
            self._url, self._size = url, size
        self._alt = self._alt or plain(found.alt)
        parts = urlsplit(url)
        if match := re.search(r"(?:^|&)filter=([^&]+)", parts.query):
            self._told |= _words(match[1])
        self._told |= _words(_HUMP.sub(" ", found.told))
        self.words |= _words(unquote(parts.path)) | _words(found.alt)

    def image(self, shared: set[str], *, whole_path: bool) -> Image:
        words = self.words
        if not whole_path:
            words = _words(unquote(urlsplit(self._url).path).rpartition("/")[2]) | _words(self._alt)
        return Image(self._url, _view(self._told) or _view(words - shared), self._alt)


def _view(words: set[str]) -> View:
    if words & _PACKSHOT:
        return "product"
    if words & _WORN:
        return "model"
    return "product" if words & _ALONE else ""


def _words(text: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(text)}


def _is_photo(url: str) -> bool:
    path = urlsplit(url).path
    if _DRAWN.search(path) or _NO_PHOTO.search(path):
        return False
    base = path.rpartition("/")[2].lower()
    return not (_words(base) & _STANDS_IN) and not re.match(r"(?:no[-_]image|1x1)\b", base)


def _key_and_size(url: str) -> tuple[str, int]:
    """What all sizes of one photo have in common, and the size of this one in pixels."""
    parts = urlsplit(url)
    sizes: list[int] = []
    kept = []
    for pair in parts.query.split("&"):
        name, _, value = pair.partition("=")
        if name.lower() in _WIDTHS:
            sizes += [int(number) for number in re.findall(r"\d{1,5}", value)[:2]]
        elif name.lower() not in _LOOKS and not name.startswith("$"):
            kept.append(pair)

    def without(match: re.Match[str]) -> str:
        sizes.extend(int(number) for number in match.groups() if number)
        return ""

    path = _PATH_SIZE.sub(without, _PATH_PARTS.sub(without, parts.path))
    return f"{parts.netloc}{path}?{'&'.join(kept)}", max(sizes, default=_UNSIZED)


def largest(srcset: str) -> Found | None:
    """The entry of a `srcset` with the greatest width or density; URLs may have commas in them."""
    best, most, width, place = "", -1.0, 0, 0
    while match := _SRCSET.match(srcset, place):
        place = match.end()
        number = re.match(r"(\d{1,6}(?:\.\d{1,3})?)([wx])", (match[2] or "1x").strip())
        size = float(number[1]) if number else 0.0
        if size > most:
            best, most = match[1], size
            width = int(size) if number and number[2] == "w" else 0
    return Found(best, width) if best else None


def looks_like_photo(value: object) -> bool:
    """Whether a value is a text that can only be the URL of a photo."""
    if not isinstance(value, str) or not 5 < len(value) < 2_000 or " " in value.strip() or "<" in value:
        return False
    path = value.partition("?")[0]
    return ("/" in value or "." in value) and bool(_PHOTO.search(path)) and not _NO_PHOTO.search(path)


def in_value(value: object, *, by_shape: bool = False, depth: int = 0) -> Iterator[Found]:
    """The photos that a value of JSON names.

    Args:
        value: A URL, an object that has one (`contentUrl`, `url`, `uri`, `src`, `zoom`, ...; of several sizes the
            largest), or a list of such.
        by_shape: Take only what looks like the URL of a photo; else any text is one.
        depth: How deep the value lies in the first one; deeper than 4 is nothing.
    """
    if isinstance(value, str):
        if not by_shape or looks_like_photo(value):
            yield Found(value)
    elif isinstance(value, list) and depth < 5:
        for item in value[:MOST_IMAGES]:
            yield from in_value(item, by_shape=by_shape, depth=depth + 1)
    elif isinstance(value, Mapping) and depth < 5 and "video" not in str(value.get("type", "")).lower():
        yield from _in_object(value, by_shape, depth)


def _in_object(value: Mapping[str, object], by_shape: bool, depth: int) -> Iterator[Found]:
    alt = next((plain(value[key]) for key in _ALTS if plain(value.get(key))), "")
    told = " ".join(plain(value[key]) for key in _TOLD if key in value)
    for key in _LARGEST_FIRST:
        url = value.get(key)
        if isinstance(url, str) and url and (not by_shape or looks_like_photo(url)):
            yield Found(url, _pixels(value.get("width")), alt, told)
            return
    for key in _WITHIN:
        inner = value.get(key)
        within = list(in_value(inner, by_shape=by_shape, depth=depth + 1)) if isinstance(inner, list | dict) else []
        if key not in _SEVERAL and isinstance(inner, list) and any(isinstance(item, dict) for item in inner):
            within = sorted(within, key=lambda one: one.width)[-1:]
        for one in within:
            yield Found(one.url, one.width, one.alt or alt, f"{told} {one.told}".strip())
        if within:
            return


def _pixels(value: object) -> int:
    match = re.match(r"\d{1,5}", plain(value))
    return int(match[0]) if match else 0
