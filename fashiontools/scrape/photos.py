"""A photo from the web: fetched, and looked at before it is kept."""

import hashlib
import re
from dataclasses import dataclass

from fashiontools.core.errors import BadRow
from fashiontools.core.images import as_rgb, decode, encode, fit_square
from fashiontools.scrape.options import FetchOptions
from fashiontools.scrape.web.addresses import parse
from fashiontools.scrape.web.client import AGENT, Client
from fashiontools.scrape.web.robots import keeps_from_training

_KINDS = {
    b"\xff\xd8\xff": ".jpg",
    b"\x89PNG\r\n\x1a\n": ".png",
    b"GIF87a": ".gif",
    b"GIF89a": ".gif",
    b"BM": ".bmp",
    b"II*\x00": ".tif",
    b"MM\x00*": ".tif",
}
_PINTEREST = re.compile(r"(?:^|\.)pinimg\.com$")
_SIGNED = re.compile(r"/(\w+)(?:/[0-9a-f]{2}){3}/([0-9a-f]{32})(?:--[^/]*)?\.[a-z]+$", re.ASCII)
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
ABSENT = (403, 404, 410)  # Amazon S3 refuses what it does not have
_LONGEST = 60  # characters of a host in a name


class NotThere(BadRow):
    """There is no photo at this URL; another one may have it."""


@dataclass(frozen=True)
class Photo:
    """A photo that was fetched and can be read.

    Attributes:
        data: The file's bytes.
        name: The file's name, made by us.
        source: The URL that it came from.
        width: Pixels.
        height: Pixels.
    """

    data: bytes
    name: str
    source: str
    width: int
    height: int

    @property
    def sha256(self) -> str:
        """Of the file's bytes, in hex."""
        return hashlib.sha256(self.data).hexdigest()


def fetch_photo(client: Client, url: str, options: FetchOptions) -> Photo:
    """Fetch a photo.

    Args:
        client: Asks for it.
        url: Where it is.
        options: Its size.

    Raises:
        NotThere: It is not there, or is no photo.
        BadRow: It must not be had, or cannot be had now.
    """
    reply = client.get(url)
    if reply.status in ABSENT:
        raise NotThere(f"HTTP {reply.status}")
    if reply.status != 200:
        raise BadRow(f"HTTP {reply.status}")
    if client.obeys_noai and keeps_from_training(reply.headers.getlist("X-Robots-Tag"), AGENT):
        raise BadRow("its server says noai: it is not for training", "--ignore-noai")
    suffix = _suffix(reply.body)
    try:
        pixels = decode(reply.body)
    except BadRow as error:
        raise NotThere(f"not a good photo: {error}") from None
    data = reply.body
    if options.size is not None:
        pixels, suffix = fit_square(as_rgb(pixels), options.size, options.fit), ".jpg"
        data = encode(pixels, suffix)
    elif suffix == ".gif":  # no other command reads them: the first picture is kept as it is
        suffix, data = ".png", encode(pixels, ".png")
    height, width = pixels.shape[:2]
    return Photo(data, name_of(url, reply.body, suffix), url, width, height)


def _suffix(data: bytes) -> str:
    """The suffix that belongs to the bytes, whatever the URL and the server call them."""
    if not data:
        raise NotThere("the file is empty")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    for start, suffix in _KINDS.items():
        if data.startswith(start):
            return suffix
    if data.lstrip()[:1] == b"<":
        raise NotThere("a page instead of a photo")
    raise NotThere("not a photo: neither JPEG, PNG, WebP, GIF, TIFF nor BMP")


def name_of(url: str, data: bytes, suffix: str) -> str:
    """The name of a photo's file: its site, and a signature that is the same wherever the photo stands.

    Args:
        url: Where it came from. Pinterest's image host names a photo by its own signature, which is taken, with the
            size where it is not the original; else it is the beginning of the SHA-256 of the bytes. Nothing else of the
            URL comes into the name.
        data: The bytes as they were served.
        suffix: Of the file.
    """
    target = parse(url, allow_http=True)
    host = target.host.removeprefix("www.")
    signed = _SIGNED.search(target.path.partition("?")[0])
    if _PINTEREST.search(host) and signed is not None:
        size, signature = signed.groups()
        return f"pinterest_{signature}{'' if size == 'originals' else '_' + size[:_LONGEST]}{suffix}"
    site = _UNSAFE.sub("-", host)[:_LONGEST].strip(".-") or "site"
    return f"{site}_{hashlib.sha256(data).hexdigest()[:32]}{suffix}"
