"""The end of an import: whether more rows went wrong than `--max-errors` allows."""

from collections.abc import Iterator

from fashiontools.core.errors import TooManyBadRows
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.options import DataSetOptions


def judged(table: Table, options: DataSetOptions, out: Output, progress: Progress) -> Table:
    """The same rows, with a judgement behind the last one.

    Args:
        table: The output of `out.each`.
        options: Hold `--max-errors`.
        out: Counts the rows as they pass.
        progress: Told the totals before it ends badly.

    Returns:
        A table whose rows raise `TooManyBadRows` at their end where too many are bad; everything good is kept.
    """
    return Table(table.columns, _rows(table, options, out, progress))


def _rows(table: Table, options: DataSetOptions, out: Output, progress: Progress) -> Iterator[Row]:
    yield from table.rows
    try:
        out.totals.judge(options.max_errors)
    except TooManyBadRows:
        progress.note(out.totals.told())
        raise
