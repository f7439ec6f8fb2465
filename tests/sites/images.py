"""Hosts of images: one whose paths say how it misbehaves, and Pinterest's."""

import hashlib
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from typing import Literal

from sites import pictures
from sites.server import Answer, Request, Site

HTML = b"<!doctype html><title>Sorry</title><p>Please try again."
ACCESS_DENIED = Answer(
    status=403,
    body=b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    b"<RequestId>0A49CE4060975EAC</RequestId></Error>",
    headers={"Content-Type": "application/xml"},
)  # how Amazon S3 says that it has no such file
DAY_S = 86_400
DRIP_S = 0.2
REDIRECTS = (302, 301, 303, 307, 308)


@dataclass(frozen=True)
class Photo:
    """What a path of an `ImageHost` names, and the request for it."""

    request: Request
    name: str
    extension: str

    @property
    def good(self) -> bytes:
        return pictures.picture(self.name, self.extension)

    @property
    def half(self) -> bytes:
        return self.good[: len(self.good) // 2]

    @property
    def typed(self) -> dict[str, str]:
        return {"Content-Type": pictures.TYPES[self.extension]}

    def sent(self, body: bytes, **headers: str) -> Answer:
        """An answer of the photo's type; a `_` in a header's name stands for `-`."""
        return Answer(body=body, headers=self.typed | _named(headers))

    def at_first(self, status: int, **headers: str) -> Answer:
        """A refusal, and the photo from the second time on."""
        return _bare(status, **headers) if self.request.nth == 1 else self.sent(self.good)

    def moved(self, behaviour: str, scheme: str = "https", status: int = 302) -> Answer:
        """A redirect to the same photo with another behaviour."""
        return _moved(f"{scheme}://{self.request.host}/{behaviour}/{self.name}.{self.extension}", status)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _bare(status: int, **headers: str) -> Answer:
    return Answer(status=status, headers=_named(headers))


def _moved(place: str, status: int = 302) -> Answer:
    return _bare(status, Location=place)


def _hop(photo: Photo, left: int) -> Answer:
    if left == 0:
        return photo.sent(photo.good)
    return photo.moved(f"hop-{left - 1}", status=REDIRECTS[left % len(REDIRECTS)])


def _soon() -> str:
    """A date one to two seconds ahead: HTTP's dates have whole seconds."""
    return formatdate(time.time() + 2, usegmt=True)


BEHAVIOURS: dict[str, Callable[[Photo], Answer]] = {
    "ok": lambda photo: photo.sent(photo.good),
    # other bytes than one expects
    "png-as-jpg": lambda photo: photo.sent(pictures.picture(photo.name, "png")),
    "wrong-type": lambda photo: photo.sent(photo.good, Content_Type="text/plain"),
    "html": lambda photo: photo.sent(HTML, Content_Type="text/html"),
    "html-as-jpg": lambda photo: photo.sent(HTML),
    "xml-403": lambda photo: ACCESS_DENIED,
    "gone": lambda photo: _bare(404),
    "empty": lambda photo: photo.sent(b""),
    "truncated": lambda photo: Answer(body=photo.half, length=len(photo.good), headers=photo.typed),
    "cut": lambda photo: photo.sent(photo.half),
    "big": lambda photo: Answer(
        chunks=pictures.big(photo.name), length=pictures.big_length(photo.name), headers=photo.typed
    ),
    "big-unannounced": lambda photo: Answer(chunks=pictures.big(photo.name), headers=photo.typed),
    "bomb": lambda photo: photo.sent(pictures.bomb(), Content_Type="image/png"),
    # redirects
    "to-loopback": lambda photo: _moved(f"https://127.0.0.1:{photo.request.port}/ok/a.jpg"),
    "to-localhost": lambda photo: _moved(f"https://localhost:{photo.request.port}/ok/a.jpg"),
    "to-metadata": lambda photo: _moved("http://169.254.169.254/latest/"),
    "to-private": lambda photo: _moved("https://192.168.0.1/ok/a.jpg"),
    "to-file": lambda photo: _moved("file:///etc/passwd"),
    "to-http": lambda photo: photo.moved("ok", scheme="http"),
    "loop": lambda photo: photo.moved("loop"),
    "relative": lambda photo: _moved(f"../ok/{photo.name}.{photo.extension}"),
    # time
    "drip": lambda photo: Answer(
        chunks=(photo.good[at : at + 1] for at in range(len(photo.good))),
        length=len(photo.good),
        pause=DRIP_S,
        headers=photo.typed,
    ),
    "stall": lambda photo: Answer(delay=math.inf),
    "stall-midway": lambda photo: Answer(
        chunks=(photo.half, photo.half), length=len(photo.good), pause=math.inf, headers=photo.typed
    ),
    # refusals
    "reset": lambda photo: Answer(reset=True),
    "once-500": lambda photo: photo.at_first(500),
    "always-500": lambda photo: _bare(500),
    "busy": lambda photo: photo.at_first(429, Retry_After="1"),
    "busy-date": lambda photo: photo.at_first(429, Retry_After=_soon()),
    "busy-long": lambda photo: _bare(429, Retry_After=str(DAY_S)),
    # headers
    "noai": lambda photo: photo.sent(photo.good, X_Robots_Tag="noai, noimageai"),
    "noai-other": lambda photo: photo.sent(photo.good, X_Robots_Tag="otherbot: noai"),
    "cookie": lambda photo: photo.sent(photo.good, Set_Cookie="visitor=8c1f; Path=/; Secure"),
}


class ImageHost(Site):
    """Photos at `/<behaviour>/<name>.<jpg, jpeg, png, webp or gif>`, and 404 everywhere else; a query changes nothing.

    `hop-N` is N redirects within the host, of all kinds, and then the photo; the others are in `BEHAVIOURS`. What a
    photo shows depends on its name alone, and names that begin with `same-` show the same.
    """

    def __init__(self, host: str = "images.example", robots: Answer | None = None) -> None:
        super().__init__(host, robots)

    def url(self, behaviour: str, name: str, extension: str = "jpg") -> str:
        return f"https://{self.host}/{behaviour}/{name}.{extension}"

    def answer(self, request: Request) -> Answer:
        asked = re.fullmatch(r"/([a-z0-9-]+)/([\w.-]+)\.(\w+)", request.path.partition("?")[0])
        if asked is None or asked[3] not in pictures.TYPES:
            return Answer(status=404)
        photo = Photo(request, name=asked[2], extension=asked[3])
        if hops := re.fullmatch(r"hop-(\d+)", asked[1]):
            return _hop(photo, int(hops[1]))
        behave = BEHAVIOURS.get(asked[1])
        return Answer(status=404) if behave is None else behave(photo)


Originals = Literal["jpg", "png-original", "webp-original", "no-original", "up-to-736x"]
WIDTHS = {"236x": 59, "474x": 118, "564x": 141, "736x": 184, "1200x": 300, "originals": 375}  # px, a quarter of theirs


class Pinimg(Site):
    """Pinterest's images: `/{size}/aa/bb/cc/{signature}.{extension}`, where aabbcc begin the signature.

    All sizes but the originals are JPEG. Whatever is not there is S3's 403: unknown signatures, other extensions.

    Args:
        photos: Behaviour by signature: the original is a `jpg`, a PNG or a WebP; there is `no-original`; or nothing is
            larger than 736x.
    """

    def __init__(self, photos: Mapping[str, Originals], robots: Answer | None = None) -> None:
        super().__init__("i.pinimg.com", robots)
        self.photos = photos

    @staticmethod
    def signature(name: str) -> str:
        """A signature to use for the photo of this name: 32 hexadecimal digits."""
        return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()

    def url(self, signature: str, size: str = "originals", extension: str = "jpg") -> str:
        parts = (signature[:2], signature[2:4], signature[4:6], f"{signature}.{extension}")
        return f"https://{self.host}/{size}/{'/'.join(parts)}"

    def extension(self, signature: str, size: str) -> str | None:
        """Under which extension a size is there, if it is."""
        behaviour = self.photos.get(signature)
        if behaviour is None or size not in WIDTHS:
            return None
        if size == "originals":
            return {"jpg": "jpg", "png-original": "png", "webp-original": "webp"}.get(behaviour)
        return None if behaviour == "up-to-736x" and size == "1200x" else "jpg"

    def answer(self, request: Request) -> Answer:
        asked = re.fullmatch(r"/(\w+)/(..)/(..)/(..)/(\2\3\4[0-9a-f]{26})\.(\w+)", request.path)
        if asked is None or self.extension(asked[5], asked[1]) != asked[6]:
            return ACCESS_DENIED
        width = WIDTHS[asked[1]]
        body = pictures.picture(asked[5], asked[6], width, width * pictures.HEIGHT // pictures.WIDTH)
        return Answer(body=body, headers={"Content-Type": pictures.TYPES[asked[6]]})
