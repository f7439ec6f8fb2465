"""A shop that sells a drawn lookbook: its photos, its names and its German words, told as JSON-LD."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from sites.server import Answer, Request, Site
from sites.shops import page_of

HOST, PHOTOS = "www.lookbook.example", "photos.lookbook.example"
LIST = f"https://{HOST}/women"
Row = Mapping[str, str]


class LookbookShop(Site):
    """One list of all products at `/women`, products at `/p/GROUP`.

    Args:
        rows: Those of the lookbook's manifest; the first of a group is its packshot.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        super().__init__(HOST)
        self._products: dict[str, list[Row]] = {}
        for row in rows:
            self._products.setdefault(row["group"], []).append(row)

    def answer(self, request: Request) -> Answer:
        """The list, or the page of a product."""
        if request.path == "/women":
            urls = [f"https://{HOST}/p/{group}" for group in self._products]
            elements = [{"@type": "ListItem", "position": at, "url": url} for at, url in enumerate(urls, 1)]
            return _page({"@type": "ItemList", "itemListElement": elements})
        rows = self._products.get(request.path.removeprefix("/p/"))
        if rows is None:
            return Answer(status=404)
        tags = [tag.split(": ") for tag in _tags(rows[0]["attributes"])]
        product = {
            "@type": "Product",
            "sku": rows[0]["group"],
            "name": rows[0]["name"],
            "brand": {"@type": "Brand", "name": rows[0]["brand"]},
            "image": [f"https://{PHOTOS}/{row['path']}" for row in rows],
            "additionalProperty": [{"@type": "PropertyValue", "name": key, "value": value} for key, value in tags],
        }
        return _page(product)


class LookbookPhotos(Site):
    """The host of its photos.

    Args:
        folder: The lookbook.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__(PHOTOS)
        self._folder = folder

    def answer(self, request: Request) -> Answer:
        """A photo."""
        return Answer(body=(self._folder / request.path[1:]).read_bytes(), headers={"Content-Type": "image/jpeg"})


def _tags(attributes: str) -> list[str]:
    """`Key: value` tags; the shares of a material have commas of their own."""
    tags: list[str] = []
    for part in attributes.replace("\u00a0", " ").split(", "):
        if ": " in part:
            tags.append(part)
        else:
            tags[-1] += f", {part}"
    return tags


def _page(told: Mapping[str, object]) -> Answer:
    content = json.dumps({"@context": "https://schema.org", **told})
    return page_of(f'<!doctype html><title>Women</title><script type="application/ld+json">{content}</script>')
