"""The step of `import fashiongen`: photos written as files, texts as columns."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from fashiontools.core.errors import UsageError, near
from fashiontools.core.images import write_photo
from fashiontools.core.inputs import select
from fashiontools.core.manifest import Row, Table
from fashiontools.core.output import Output
from fashiontools.core.progress import Progress
from fashiontools.import_data.fashiongen.hdf5 import TEXTS, FashiongenFile
from fashiontools.import_data.fashiongen.options import PAPER_CATEGORIES, FashiongenOptions
from fashiontools.import_data.fashiongen.split import PAPER_SIZES, draw_paper_split

_FIRST, _LAST = ("path", "id", "source"), ("split", "width", "height")
_ALL = "all"


def fashiongen(names: list[str], options: FashiongenOptions, out: Output, progress: Progress) -> Table:
    """Import FashionGen.

    Args:
        names: Its HDF5 files.
        options: Which categories, and how they are split.
        out: Where the photos go, as `FILE/CATEGORY/NUMBER.png`; the number is the photo's place in its file.
        progress: Where progress goes.

    Returns:
        One row per photo of the categories, in the files' order, with a column for each text that the files have;
        `group` is the product, `view` the pose. `category` is the paper's word where it has one, else FashionGen's in
        lower case.

    Raises:
        UsageError: A file is not FashionGen's, or a category is in none of them.
        Unavailable: The extra `fashiongen` is not installed.
    """
    files = _opened(names)
    categories = [[_category(text) for text in file.texts("category")] for file in files]
    wanted = _wanted(options.categories, Counter(name for each in categories for name in each))
    chosen = [[name in wanted for name in each] for each in categories]
    splits = _splits(files, chosen, options, progress)
    columns = (*_FIRST, *(column for column in TEXTS if any(column in file.columns for file in files)), *_LAST)
    rows = (row for file, flags in zip(files, chosen, strict=True) for row in _rows(file, flags, splits))
    table = select(Table(columns, rows), (), options.limit, options.seed)
    by_label = {file.label: file for file in files}

    def work(row: Row) -> list[Row]:
        pixels = by_label[row["file"]].photo(int(row["number"]))
        path = out.path(row.name)
        write_photo(path, pixels)
        return [row.having(path=str(path), width=str(pixels.shape[1]), height=str(pixels.shape[0]))]

    return out.each(table, work, progress, unit="photos")


def _opened(names: list[str]) -> list[FashiongenFile]:
    if not names:
        raise UsageError("import fashiongen reads HDF5 files: name fashiongen_256_256_train.h5 or its like")
    files = [FashiongenFile(name) for name in names]
    twice = [label for label, count in Counter(file.label for file in files).items() if count > 1]
    if twice:
        raise UsageError(f"two files are called {twice[0]}: their photos would have the same names")
    return files


def _category(text: str) -> str:
    """The paper's word for a category, or FashionGen's own in lower case."""
    return PAPER_CATEGORIES.get(text.upper(), text.lower())


def _wanted(text: str, there: Counter[str]) -> set[str]:
    """The categories that `--categories` names.

    Raises:
        UsageError: One is neither the paper's nor in the files.
    """
    words = {_category(word) for part in text.split(",") if (word := " ".join(part.split()))}
    if _ALL in words:
        return set(there)
    known = {*there, *PAPER_CATEGORIES.values()}
    for word in sorted(words - known) if words else [""]:
        raise UsageError(f"--categories {text!r}: no category {word!r}; {near(word, known)}")
    return words


def _splits(
    files: Sequence[FashiongenFile], chosen: Sequence[Sequence[bool]], options: FashiongenOptions, progress: Progress
) -> Iterator[str]:
    """The split of each chosen photo, in order."""
    if options.split == "own":
        return (file.split for file, flags in zip(files, chosen, strict=True) for flag in flags if flag)
    products = [
        text or f"{file.label}:{number}"
        for file, flags in zip(files, chosen, strict=True)
        for number, (text, flag) in enumerate(zip(file.texts("group"), flags, strict=True))
        if flag
    ]
    split = draw_paper_split(products, options.seed)
    told = " / ".join(f"{split.of.count(name):,} {name}" for name in PAPER_SIZES)
    paper = sum(PAPER_SIZES.values())
    if len(products) < paper:
        progress.note(f"{len(products):,} photos of the paper's {paper:,} are there: its proportions make {told}")
    elif len(products) > paper:
        progress.note(f"{told}; {split.of.count(''):,} photos beyond the paper's number have no split")
    return iter(split.of)


def _rows(file: FashiongenFile, chosen: Sequence[bool], splits: Iterator[str]) -> Iterator[Row]:
    """The chosen photos of a file before their pixels are read.

    Their path is the HDF5 file: a second run sees by it whether the file has changed.
    """
    texts = zip(*(file.texts(column) for column in file.columns), strict=True)
    for number, (flag, values) in enumerate(zip(chosen, texts, strict=True)):
        if not flag:
            continue
        facts = dict(zip(file.columns, values, strict=True))
        facts["category"] = _category(facts["category"])
        folder = re.sub(r"[^a-z0-9]+", "-", facts["category"]).strip("-") or "none"
        yield Row(
            {
                "path": str(file.path),
                "file": file.label,
                "number": str(number),
                "id": f"{file.label}-{number:06d}",
                "source": f"{file.path.name}#{number}",
                **facts,
                "split": next(splits),
            },
            f"{file.label}/{folder}/{number:06d}.png",
        )
