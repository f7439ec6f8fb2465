"""Which of several products a page is about: the one that its address names."""

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from fashiontools.scrape.shop.reader.document import Document
from fashiontools.scrape.shop.reader.text import plain

EXACT, SAME_PAGE, BY_ID, OTHER_VARIANT, UNSAID, ELSEWHERE = 5, 4, 3, 2, 1, 0

_SHORTEST_ID = 3  # a number of two digits stands in many a URL by chance


class Names:
    """What a page's address says of the product on it.

    Args:
        document: The page.
    """

    def __init__(self, document: Document) -> None:
        self._absolute = document.absolute
        urls = [url for url in (document.url, document.canonical) if url]
        self._pages = [_parts(url) for url in urls]
        self._words = unquote(" ".join(url.partition("//")[2].partition("/")[2] for url in urls)).lower()

    def rank(self, links: Iterable[str], ids: Iterable[str]) -> int:
        """How surely a product is the page's.

        Args:
            links: Addresses that the product is said to have.
            ids: Its numbers.

        Returns:
            `EXACT`: its address is the page's, with all its parameters; `SAME_PAGE`: but for parameters; `BY_ID`: a
            number of it stands in the page's address; `OTHER_VARIANT`: the same page with another value of a
            parameter; `UNSAID`: it has no address; `ELSEWHERE`: it has another one.
        """
        ranks = [self._of_link(url) for link in links if (url := self._absolute(link))]
        if any(self._has(id_) for id_ in ids):
            ranks.append(BY_ID)
        return max(ranks, default=UNSAID)

    def _has(self, number: str) -> bool:
        number = number.lower()
        if len(number) < _SHORTEST_ID or number not in self._words:
            return False
        return re.search(rf"(?<![a-z0-9]){re.escape(number)}(?![a-z0-9])", self._words) is not None

    def _of_link(self, url: str) -> int:
        host, path, parameters = _parts(url)
        best = ELSEWHERE
        for page_host, page_path, page_parameters in self._pages:
            if (host, path) != (page_host, page_path):
                continue
            if any(page_parameters.get(name, value) != value for name, value in parameters.items()):
                best = max(best, OTHER_VARIANT)
            elif parameters.keys() <= page_parameters.keys() and (parameters or not page_parameters):
                return EXACT
            else:
                best = max(best, SAME_PAGE)
        return best


def _parts(url: str) -> tuple[str, str, dict[str, str]]:
    parts = urlsplit(url)
    path = unquote(parts.path).rstrip("/").lower()
    return (parts.hostname or "").removeprefix("www."), path, dict(parse_qsl(parts.query, max_num_fields=None))


def slug(url: str) -> str:
    """The last word of a URL's path without its suffix: what stands for a number where a shop tells none."""
    parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    return plain(re.sub(r"\.[A-Za-z]{2,5}\Z", "", parts[-1])) if parts else ""
