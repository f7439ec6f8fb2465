"""What there is on the local Pinterest: pins, boards, and boards drawn at random."""

import hashlib
import random
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from sites.images import Originals, Pinimg

Kind = Literal["photo", "video", "story", "carousel", "promoted"]
Fault = Literal["429-once", "500-once", "stall-once", "repeat-bookmark", "repeat-for-ever"]
PAGE = 25  # pins
IMAGES_OF_A_SET = 3
TITLED = 0.7
WORDS = (
    "silk", "wool", "linen", "denim", "leather", "dress", "coat", "trousers", "skirt", "jumper", "runway", "look",
    "spring", "autumn", "red", "black", "ivory"
)  # fmt: skip
# How automatic descriptions begin. The English one has been seen; the others are as their language would say it.
ALTS = ("This may contain: ",) * 7 + ("Das könnte enthalten: ", "Cela peut contenir\xa0: ", "Puede contener: ")
TOKEN = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True)
class Pin:
    """A pin.

    Attributes:
        id: Digits; of a promoted pin a token of letters, digits, `-` and `_`.
        signature: Of its picture: 32 hexadecimal digits, as `Pinimg.signature` makes them.
        slots: The signatures of the pictures of a carousel or story, the pin's own first.
        extension: The true one of the original; all smaller sizes are `jpg`.
        link: Where it was pinned from.
        slug: Its address is `/pin/{slug}--{id}/` rather than `/pin/{id}/`.
        width: Of the original, in px; with `height` it says how tall the card is.
    """

    id: str
    signature: str
    title: str = ""
    alt: str = ""
    kind: Kind = "photo"
    slots: tuple[str, ...] = ()
    extension: str = "jpg"
    link: str = ""
    slug: str = ""
    width: int = 736
    height: int = 1104

    @property
    def href(self) -> str:
        return f"/pin/{self.slug}--{self.id}/" if self.slug else f"/pin/{self.id}/"


@dataclass(frozen=True)
class Board:
    """A board, a section of one, or what a search finds.

    Attributes:
        path: `/user/board/`, `/user/board/section/`; a search's is not used.
        pins: In the order of the feed, promoted ones among them; `PAGE` of them are a page.
        count: How many pins the page says there are; None for the true number of those that are not promoted.
        count_text: What it says instead, literally: "1.2k".
        sections: Boards of their own, with paths below this one's; their pins are not in this board's feed.
        more_ideas: Whether foreign pins without end follow. A search has none.
        private: It is not there (404) for anybody.
        members_only: Those who are not logged in are sent to /login/.
        faults: By number of the page, from 1. The first page is the document itself and fails once in the site's life;
            a later one fails once for each document and bookmark. A `stall` lasts until the client gives up.
            `repeat-bookmark`: this page's answer names the bookmark that it was asked with, and so comes twice;
            `repeat-for-ever`: it names it every time, and no later page is ever found.
        feed_delay: Seconds, from and to, before a page of the feed is answered.
        end: The bookmark of the last page: "-end-", none, or the "cbNone" that begins with Y2JOb25lO.
        wall: What comes up after two scrolls, for those who are not logged in, and locks the page: a `modal` that can
            be closed, or a `gift-wrap` that can not.
        cookie_banner: Whether it covers the page until it is answered, once for each browser.
        challenge: After how many pages a CAPTCHA comes: 0 instead of the document, None for never.
    """

    path: str
    title: str
    pins: tuple[Pin, ...]
    count: int | None = None
    count_text: str = ""
    sections: tuple["Board", ...] = ()
    more_ideas: bool = True
    private: bool = False
    members_only: bool = False
    faults: Mapping[int, Fault] = field(default_factory=dict)
    feed_delay: tuple[float, float] = (0.15, 0.6)
    end: Literal["-end-", "", "cbNone"] = "-end-"
    wall: Literal["", "modal", "gift-wrap"] = ""
    cookie_banner: bool = False
    challenge: int | None = None

    @property
    def id(self) -> str:
        return digits(self.path)

    @property
    def own(self) -> tuple[Pin, ...]:
        """The pins that are not promoted."""
        return tuple(pin for pin in self.pins if pin.kind != "promoted")


def digits(name: str) -> str:
    """18 digits, as ids are."""
    return str(10**17 + int(hashlib.sha256(name.encode()).hexdigest(), 16) % (9 * 10**17))


def drawn_pin(name: str) -> Pin:
    """A photo with an id, a signature, words and a height that depend on the name alone."""
    draw = random.Random(name)
    title = " ".join(draw.sample(WORDS, 3)).capitalize()
    return Pin(
        id=digits(name),
        signature=Pinimg.signature(name),
        title=title if draw.random() < TITLED else "",
        alt=draw.choice(ALTS) + " ".join(draw.sample(WORDS, 6)),
        link=f"https://blog.example/{draw.choice(WORDS)}/{draw.randrange(10**6)}",
        height=draw.randrange(500, 1500),
    )


def drawn_ad(name: str) -> Pin:
    """A promoted pin."""
    token = "AQE1" + "".join(random.Random(name).choices(TOKEN, k=60))
    return replace(
        drawn_pin(name), id=token, kind="promoted", link=f"https://shop.example/{Pinimg.signature(name)[:8]}"
    )


def drawn_board(
    path: str,
    pins: int,
    *,
    ads: float = 0.1,
    seed: int = 0,
    shared: Sequence[Pin] = (),
    twins: int = 0,
    videos: int = 0,
    stories: int = 0,
    carousels: int = 0,
    pngs: int = 0,
    webps: int = 0,
    slugs: int = 0,
    **settings: Any,
) -> Board:
    """A board of so many pins of its own, the same for the same arguments.

    Args:
        pins: How many, all those below included, but not the ads.
        ads: The share of promoted pins in what is shown, evenly spread.
        shared: Pins of other boards that are on this one too.
        twins: How many have the signature of another pin here.
        videos: How many are videos; so too `stories` and `carousels`, of three pictures each.
        pngs: How many photos have a PNG as original; so too `webps`.
        slugs: How many photos have a slug in their address.
        settings: Of the board, such as `title` and `feed_delay`.
    """
    draw = random.Random(f"{seed} {path}")
    own = [drawn_pin(f"{seed} {path} {number}") for number in range(pins - len(shared))]
    changes: list[dict[str, Any]] = (
        [{"kind": "video"}] * videos
        + [{"kind": "story"}] * stories
        + [{"kind": "carousel"}] * carousels
        + [{"extension": "png"}] * pngs
        + [{"extension": "webp"}] * webps
        + [{"slug": "-".join(draw.sample(WORDS, 3))} for _ in range(slugs)]
    )
    places = draw.sample(range(len(own)), len(changes) + 2 * twins)
    for place, change in zip(places, changes, strict=False):
        own[place] = replace(own[place], **change, slots=_slots(own[place], change.get("kind")))
    for place in range(len(changes), len(places), 2):
        one, other = places[place : place + 2]
        own[one] = replace(own[one], signature=own[other].signature)
    for pin in shared:
        own.insert(draw.randint(0, len(own)), pin)
    shown = tuple(_with_ads(own, ads, f"{seed} {path} ad"))
    return Board(path=path, pins=shown, **{"title": path.strip("/").split("/")[-1].capitalize(), **settings})


def signatures_of(boards: Iterable[Board]) -> dict[str, Originals]:
    """What `Pinimg` is to have for these boards and their sections; foreign pins below them have no pictures."""
    kinds: dict[str, Originals] = {"jpg": "jpg", "png": "png-original", "webp": "webp-original"}
    found: dict[str, Originals] = {}
    for board in boards:
        for pin in board.pins:
            found.update(dict.fromkeys((pin.signature, *pin.slots), kinds[pin.extension]))
        found.update(signatures_of(board.sections))
    return found


def _slots(pin: Pin, kind: str | None) -> tuple[str, ...]:
    if kind not in ("story", "carousel"):
        return ()
    others = (Pinimg.signature(f"{pin.id} {number}") for number in range(1, IMAGES_OF_A_SET))
    return (pin.signature, *others)


def _with_ads(own: Sequence[Pin], share: float, name: str) -> Iterable[Pin]:
    shown = ads = 0
    for pin in own:
        while (shown + 1) * share >= ads + 1:
            yield drawn_ad(f"{name} {ads}")
            shown, ads = shown + 1, ads + 1
        yield pin
        shown += 1
