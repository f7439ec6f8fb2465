"""Any shop that says of its products what search engines want to read."""

from urllib.parse import urlsplit

from fashiontools.core.errors import BadRow
from fashiontools.scrape.shop.reader.page import ListPage, read_list, read_product
from fashiontools.scrape.shop.sites.site import ShopSite


class GenericSite(ShopSite):
    """A shop of which nothing is known but the URL of a list, or of a product.

    It is named after its host. Which photo is the packshot is known only where the page tells.
    """

    def __init__(self, start: str) -> None:
        super().__init__(start)
        self.name = (urlsplit(start).hostname or "").removeprefix("www.")

    def read_list(self, html: str, url: str) -> ListPage:
        """Read a list page; a product's own page is a list of that product."""
        page = read_list(html, url)
        if page.products:
            return page
        try:
            read_product(html, url)
        except BadRow:
            return page
        return ListPage((url,), None, 1)
