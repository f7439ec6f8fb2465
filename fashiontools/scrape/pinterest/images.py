"""Pinterest's image host: which URLs may have a photo, the best one first."""

import re
from collections.abc import Iterator

_IMAGE = re.compile(
    r"https://i\.pinimg\.com/(?:vwebp/)?(\w+)/((?:[0-9a-f]{2}/){3}[0-9a-f]{32}(?:--[\w-]+)?)\.([a-z]+)", re.ASCII
)
_EXTENSIONS = ("jpg", "png", "webp", "gif")
_SMALLER = ("1200x", "736x", "564x", "474x", "236x")
_ORIGINALS = "originals"
_HOST = "https://i.pinimg.com"


def largest(srcset: str) -> str:
    """The largest image of a `srcset`, or the image itself where it is but a URL; empty where there is none."""
    best, most = "", -1.0
    for part in srcset.split(","):
        url, _, factor = part.strip().partition(" ")
        size = float(factor[:-1]) if re.fullmatch(r"\d+(\.\d+)?[xw]", factor) else 0.0
        if url.startswith("https://") and size > most:
            best, most = url, size
    return best


def original_of(url: str) -> str:
    """The URL of the original of an image, under the same extension; other URLs stay as they are."""
    found = _IMAGE.fullmatch(url)
    return f"{_HOST}/{_ORIGINALS}/{found[2]}.{found[3]}" if found else url


def signed(signature: str) -> str:
    """The URL of the original that has a signature, if it is JPEG; empty for what is no signature."""
    if not re.fullmatch(r"[0-9a-f]{32}", signature):
        return ""
    return f"{_HOST}/{_ORIGINALS}/{signature[:2]}/{signature[2:4]}/{signature[4:6]}/{signature}.{_EXTENSIONS[0]}"


def candidates(url: str) -> Iterator[str]:
    """Where a photo may be: as it was named, under the other extensions, then in smaller sizes, which are JPEG."""
    yield url
    found = _IMAGE.fullmatch(url)
    if found is None:
        return
    size, photo, extension = found.groups()
    if size == _ORIGINALS:
        yield from (f"{_HOST}/{size}/{photo}.{other}" for other in _EXTENSIONS if other != extension)
    yield from (f"{_HOST}/{smaller}/{photo}.jpg" for smaller in _SMALLER if smaller != size)


def size_of(url: str) -> str:
    """The size that an image's URL names: `originals`, `736x`; empty for other URLs."""
    found = _IMAGE.fullmatch(url)
    return found[1] if found else ""
