"""A page as a tree, with the address that its links are relative to; what would never end is refused before."""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from urllib.parse import urljoin, urlsplit, urlunsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.reader.nesting import is_too_deep
from fashiontools.scrape.shop.reader.text import plain

MOST_CHARACTERS = 8_000_000  # the largest pages of real shops have 5 million

_LONGEST_URL = 4_000
_MOST_TEXTS = 50_000
_CHROME = "script, style, header, footer, nav, noscript, template, select, option"
_OWN = "main header, section header, article header"  # the head of a list is no head of the page
_SPACE = re.compile(r"[\x00-\x20\x7f]+")
_UNSAFE = re.compile(r"[^\x21-\x7e]|[\"<>\\^`{|}]")


@dataclass(frozen=True)
class Script:
    """An inline script.

    Attributes:
        type: Its `type`, in lower case; empty where it has none.
        id: Its `id`.
        text: What stands in it, as it is.
    """

    type: str
    id: str
    text: str


class Document:
    """A page that was parsed.

    Args:
        html: Its text.
        url: Where it came from.

    Attributes:
        url: The same, without its fragment.
        tree: Its elements.

    Raises:
        BadRow: The page has more than `MOST_CHARACTERS`, or elements so deep in each other that reading them would
            take minutes, or the URL is none.
    """

    def __init__(self, html: str, url: str) -> None:
        if len(html) > MOST_CHARACTERS:
            raise BadRow(f"page of {len(html):,} characters: at most {MOST_CHARACTERS:,} are read")
        if is_too_deep(html):
            raise BadRow("page with too many elements within each other to be read")
        self.url = absolute(url, "")
        if not self.url:
            raise BadRow("not the URL of a page: it must be http or https, without a password")
        self.tree = LexborHTMLParser(html)

    @cached_property
    def base(self) -> str:
        """What relative links are relative to."""
        node = self.tree.css_first("base[href]")
        return (node and absolute(attribute(node, "href"), self.url)) or self.url

    @cached_property
    def canonical(self) -> str:
        """The address that the page says it has; empty where it says none."""
        node = self.tree.css_first('link[rel~="canonical"][href]')
        return self.absolute(attribute(node, "href")) if node else ""

    @cached_property
    def scripts(self) -> tuple[Script, ...]:
        """The inline scripts, in their order."""
        return tuple(
            Script(attribute(node, "type").lower(), attribute(node, "id"), node.text(deep=True))
            for node in self.tree.css("script:not([src])")
        )

    @cached_property
    def words(self) -> str:
        """The text that a reader sees, without the page's head, foot and navigation, in one line."""
        left_out = {node.mem_id for node in self.tree.css(_CHROME)} - {node.mem_id for node in self.tree.css(_OWN)}
        words: list[str] = []
        stack = [self.tree.body] if self.tree.body else []
        while stack and len(words) < _MOST_TEXTS:
            node = stack.pop()
            if node.is_text_node:
                words.append(node.text_content or "")
            elif node.mem_id not in left_out:
                stack += reversed(list(node.iter(include_text=True, skip_empty=True)))
        return plain(" ".join(words))

    def absolute(self, link: object) -> str:
        """Where a link of the page leads; see the function of this name."""
        return absolute(link, self.base)


def attribute(node: LexborNode, name: str) -> str:
    """What an attribute says, without the spaces around it; empty where there is none."""
    return (node.attributes.get(name) or "").strip()


def absolute(link: object, base: str) -> str:
    """Make a link absolute.

    Args:
        link: What stands in the page; `//host/path` becomes https.
        base: What it is relative to; nothing, and it must be absolute.

    Returns:
        An http or https URL of ASCII characters without a fragment; empty for any other scheme, for what has a user or
        a password in it, and for what is no link at all.
    """
    return _absolute(_SPACE.sub(" ", link).strip(), base) if isinstance(link, str) else ""


@lru_cache(maxsize=4096)
def _absolute(text: str, base: str) -> str:
    if not 0 < len(text) < _LONGEST_URL or text.startswith(("#", "data:", "javascript:")):
        return ""
    try:
        text = f"https:{text}" if text.startswith("//") else urljoin(base, text)
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            return ""
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname if parts.hostname.isascii() else parts.hostname.encode("idna").decode()
    except ValueError:
        return ""
    if not re.fullmatch(r"[a-z0-9_.-]+|[0-9a-f:.]+", host):
        return ""
    host = f"[{host}]" if ":" in host else host
    return urlunsplit((parts.scheme, host + port, _quoted(parts.path) or "/", _quoted(parts.query), ""))


def _quoted(text: str) -> str:
    return _UNSAFE.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace")), text)


def same_site(url: str, other: str) -> bool:
    """Whether two absolute URLs belong to one site: one host, or hosts that differ in their first names only."""
    return _site(url) == _site(other)


def _site(url: str) -> list[str]:
    return (urlsplit(url).hostname or "").split(".")[-2:]
