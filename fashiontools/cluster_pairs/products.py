"""From rows to products: which photo is the packshot, which ones are worn, and what cannot be paired."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from fashiontools.cluster_pairs.options import FIRST, NO_PRODUCT, ClusterPairsOptions
from fashiontools.core.errors import UsageError
from fashiontools.core.manifest import Row, Table

NO_GROUP = "no product"
NO_PACKSHOT = "no product photo"
NO_CANDIDATE = "no worn photo"
UNREADABLE = "no worn photo that can be read"
OVERRIDE = "override"


@dataclass
class Product:
    """The photos of one product.

    Attributes:
        name: What the group column says.
        place: Where its row goes: the number of its packshot's row, or of its first one.
        first: That row.
        packshot: The row of its product photo, if any is wanted and there.
        candidates: The rows of its worn photos, each file once, with the numbers of their rows.
        overridden: Number of the row that somebody chose.
        files: The paths of the worn photos.
    """

    name: str
    place: int
    first: Row
    packshot: Row | None = None
    candidates: list[tuple[int, Row]] = field(default_factory=list)
    overridden: int | None = None
    files: set[str] = field(default_factory=set)

    def add(self, number: int, row: Row, is_packshot: bool) -> None:
        """Add a photo; of several product photos the first counts, of several rows of one file too."""
        if is_packshot:
            if self.packshot is None:
                self.packshot, self.first, self.place = row, row, number
            return
        if row["path"] in self.files:
            if _is_chosen(row) and self.overridden is None:
                self.overridden = next(first for first, other in self.candidates if other["path"] == row["path"])
            return
        self.files.add(row["path"])
        self.candidates.append((number, row))
        if _is_chosen(row) and self.overridden is None:
            self.overridden = number


def _is_chosen(row: Row) -> bool:
    """Whether somebody chose a photo; a column of 0 and 1 says so too."""
    return row.get(OVERRIDE, "").strip().lower() not in ("", "0", "no", "false")


def list_products(rows: list[Row], options: ClusterPairsOptions) -> tuple[dict[str, Product], list[int]]:
    """Sort rows into products, in the order of their first rows.

    Args:
        rows: The input; bad rows belong to nothing.
        options: Which column and which rows.

    Returns:
        The products by name, and the numbers of good rows without one.
    """
    column, value = _condition(options)
    products: dict[str, Product] = {}
    nowhere = []
    for number, row in enumerate(rows):
        if row.is_bad:
            continue
        name = row.get(options.group, "")
        if not name:
            nowhere.append(number)
            continue
        is_first = name not in products
        product = products.setdefault(name, Product(name, number, row))
        product.add(
            number, row, is_first if options.product == FIRST else bool(column) and row.get(column, "") == value
        )
    return products, nowhere


def _condition(options: ClusterPairsOptions) -> tuple[str, str]:
    """The column and the value that product photos have; empty where neither says it."""
    if options.product in (FIRST, NO_PRODUCT):
        return "", ""
    column, _, value = options.product.partition("=")
    return column, value


def check_columns(table: Table, options: ClusterPairsOptions) -> None:
    """Stop where the input does not say what belongs together.

    Raises:
        UsageError: A column is missing.
    """
    table.require(options.group, why="--group COLUMN says which product a photo is of")
    column, _ = _condition(options)
    if column and column not in table.columns:
        raise UsageError(
            f"no column {column!r}: --product COLUMN=VALUE says which rows are product photos, --product first takes "
            "the first photo of each product, --product none says that there are none; the columns are "
            f"{', '.join(table.columns)}"
        )


def check_rows(products: dict[str, Product], options: ClusterPairsOptions) -> None:
    """Stop where nothing can come of the rows.

    Raises:
        UsageError: No row says its product, none is a product photo, or there are fewer worn photos than clusters.
    """
    if not products:
        raise UsageError(f"no row has a value in column {options.group!r}: --group COLUMN says which product it is of")
    if options.product != NO_PRODUCT and all(product.packshot is None for product in products.values()):
        raise UsageError(
            f"no row has {options.product}: --product COLUMN=VALUE says which rows are product photos, --product first "
            "takes the first photo of each product"
        )
    check_count(sum(len(product.candidates) for product in products.values()), options, "in the input")


def check_count(photos: int, options: ClusterPairsOptions, where: str, bad: Iterable[Row] = ()) -> None:
    """Stop where there are fewer worn photos than clusters.

    Raises:
        UsageError: There are; the message names the first of the bad rows.
    """
    if photos < max(options.numbers):
        first = next((f" ({row.name}: {row['error']})" for row in bad), "")
        raise UsageError(
            f"{max(options.numbers)} clusters need at least so many worn photos, and {photos} are {where}{first}: "
            "--k takes fewer, from 2 on"
        )
