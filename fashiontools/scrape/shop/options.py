"""Options of `scrape shop`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from fashiontools.core.options import Mark, panel
from fashiontools.scrape.options import FetchOptions

_what = panel("What to fetch")
_again = panel("Again")


@dataclass(frozen=True, kw_only=True)
class ShopOptions(FetchOptions):
    """Fetch the products of fashion shops: their photos, and their words.

    A shop is a name, as zalando, or the URL of a list of products or of one. Each photo has a row: its product, whether
    it shows the garment alone or worn, brand, name, price, category, colour, attributes and description as the shop
    words them. robots.txt is read first, and obeyed; one request at a time goes to a host, with a pause between two.
    It can be stopped at any moment and run again: no page and no photo is fetched twice.

    Example: fashiontools scrape shop https://any.shop/women/dresses -o shop
    """

    category: Annotated[
        str | None,
        _what(metavar="LIST", show_default=False, help="Of a shop that we know: dresses,tops. Default: all."),
        Mark.RESULT,
    ] = None
    color: Annotated[
        str | None,
        _what(metavar="LIST", show_default=False, help="Of a shop that we know: red,blue. Default: each one."),
        Mark.RESULT,
    ] = None
    department: Annotated[str, _what(help="Of a shop that we know: whose clothes."), Mark.RESULT] = "women"
    limit: Annotated[
        int | None,
        _what(min=1, metavar="N", show_default=False, help="Only the first N products of each list."),
        Mark.RUN,
    ] = None
    csv: Annotated[
        Literal["thesis"] | None,
        _what(
            show_default=False,
            help="thesis: also data.csv as seed 003 had it, a folder for each category, worn photos named after "
            "their product.",
        ),
        Mark.RESULT,
    ] = None
    list: Annotated[
        bool, _what("--list", help="Print the rows, with a URL as source and no path; write nothing."), Mark.RUN
    ] = False
    update: Annotated[
        bool, _again("--update", help="Ask again for what was listed to its end; fetch what is new."), Mark.RUN
    ] = False
    known: Annotated[
        int, _again(min=1, help="With --update: stop after so many known products in a row."), Mark.RUN
    ] = 50

    def folder(self, default: str | None) -> Path | None:
        """Where the command writes; nowhere with `--list`."""
        return None if self.list else super().folder(default)
