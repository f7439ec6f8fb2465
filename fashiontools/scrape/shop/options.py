"""Options of `scrape shop`."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fashiontools.core.options import Mark, panel
from fashiontools.scrape.options import ListedOptions

_what = panel("What to fetch")
_again = panel("Again")


@dataclass(frozen=True, kw_only=True)
class ShopOptions(ListedOptions):
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
    csv: Annotated[
        Literal["thesis"] | None,
        _what(
            show_default=False,
            help="thesis: also data.csv as seed 003 had it, a folder for each category, worn photos named after "
            "their product.",
        ),
        Mark.RESULT,
    ] = None
