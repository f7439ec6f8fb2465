"""The step of `cluster-pairs`: all worn photos clustered, one of each product chosen."""

import hashlib
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import typer

from fashiontools.cluster_pairs.ab import SideBySide
from fashiontools.cluster_pairs.choosing import by_full_body
from fashiontools.cluster_pairs.clustering import Clusters, find_clusters
from fashiontools.cluster_pairs.options import AB_SIZE, ASK, FEATURES, NO_PRODUCT, ClusterPairsOptions
from fashiontools.cluster_pairs.pairing import PAIR_COLUMNS, PHOTOS, Pairing, write_photos
from fashiontools.cluster_pairs.products import Product, check_columns, check_count, check_rows, list_products
from fashiontools.cluster_pairs.reading import Read, read_features
from fashiontools.cluster_pairs.rejected import Rejections
from fashiontools.cluster_pairs.sheets import CLUSTERS, NEAREST, STEPS, draw_clusters, draw_nearest, draw_steps
from fashiontools.cluster_pairs.splitting import draw_splits, tied_products
from fashiontools.core.errors import BadRow, UsageError
from fashiontools.core.files import read_bytes
from fashiontools.core.images import decode
from fashiontools.core.ledger import timeless_digest
from fashiontools.core.manifest import MANIFEST, Row, Table, failed, with_columns
from fashiontools.core.output import STATUS, Output
from fashiontools.core.parallel import map_window, usable_cores, windows
from fashiontools.core.progress import Progress

_PACKSHOT_SIDE = 64  # pixels at which a product photo is decoded, to know that it can be


def cluster_pairs(table: Table, options: ClusterPairsOptions, out: Output, progress: Progress) -> Table:
    """Find one worn photo for each product of a table.

    Args:
        table: Rows with `path`, the group column and the column of `--product`; `override` where somebody chose.
        options: What is clustered, how, and what is taken.
        out: Where the manifest, `photos.csv`, `rejected.csv`, the sheets and `ab/` go.
        progress: Where progress goes.

    Returns:
        A row for each product that has a pair, and the photos that cannot be read, as bad rows, in the input's order.

    Raises:
        UsageError: Columns are missing, no row is of a product, there are fewer photos than clusters, or there is no
            terminal to ask on.
    """
    check_columns(table, options)
    if options.choose == ASK and not sys.stdin.isatty():
        raise UsageError("--choose ask asks on a terminal, and standard input is none: give --choose N")
    rows = list(table.rows)
    products, nowhere = list_products(rows, options)
    check_rows(products, options)
    added = PAIR_COLUMNS if options.product != NO_PRODUCT else PAIR_COLUMNS[1:]
    columns = with_columns(table.columns, *added, *(("split",) if options.split else ()), *STATUS)
    work = _Work(table.columns, columns, rows, products, nowhere, options, out, progress)
    return Table(columns, work.rehearse() if options.dry_run else work.run())


@dataclass
class _Work:
    """One run of the step."""

    input_columns: tuple[str, ...]
    columns: tuple[str, ...]
    rows: list[Row]
    products: dict[str, Product]
    nowhere: list[int]
    options: ClusterPairsOptions
    out: Output
    progress: Progress
    bad: dict[int, Row] = field(default_factory=dict)

    @property
    def workers(self) -> int:
        """Photos at a time."""
        return self.options.workers or usable_cores()

    def rehearse(self) -> Iterator[Row]:
        """Name what would be done, and touch nothing; no row comes out."""
        for product in self.products.values():
            self.progress.note(f"would choose for {product.name} among {len(product.candidates)} photos")
        photos = sum(len(product.candidates) for product in self.products.values())
        self.progress.note(
            f"dry run: {len(self.products):,} products, {photos:,} worn photos to cluster; nothing was written"
        )
        yield from ()

    def run(self) -> Iterator[Row]:
        """Do it all; the rows come out once everything is written."""
        if self.out.path(MANIFEST).exists():
            self.progress.note("looking at all photos again: the clusters depend on all of them")
        self.out.begin()
        feature = FEATURES[self.options.feature].load()
        candidates = [one for product in self.products.values() for one in product.candidates]
        with read_features(candidates, feature, self.out.path(""), self.workers, self.progress) as read:
            check_count(len(read.numbers), self.options, "readable", read.bad.values())
            self.bad |= read.bad
            paths = [self.rows[number]["path"] for number in read.numbers]
            clusters, chosen = self._cluster(read, paths)
            fronts = read.fronts
            draw_steps(self.out.path(STEPS), feature, paths, self.options.seed)
        self._read_packshots()
        pairing = Pairing(clusters, chosen, fronts, read.numbers, self.rows, self.options)
        draw_nearest(self.out.path(NEAREST), clusters, pairing.photos_of(self.products), paths, self.options.seed)
        pairs, rejected = self._pair(pairing)
        write_photos(self.out.path(PHOTOS), pairing, self.products.values())
        self._finish(pairs, rejected)
        yield from self._written(pairs)

    # --------------------------------------------------------------------------------------------------- clusters

    def _cluster(self, read: Read, paths: list[str]) -> tuple[Clusters, int]:
        """The clusters, numbered from the most like whole bodies on, and the chosen one."""
        options, tried = self.options, {}
        for old in self.out.path("").glob("clusters-*.png"):
            old.unlink()
        for k in options.numbers:
            self.progress.line(f"making {k} clusters of {len(paths):,} photos")
            tried[k] = by_full_body(find_clusters(read.features, k, options.seed))
            if len(options.numbers) > 1:
                clusters, scores = tried[k]
                draw_clusters(self.out.path(f"clusters-{k}.png"), clusters, scores, paths, options.seed)
                self.progress.note(f"{k} clusters: silhouette score {clusters.silhouette:.3f}")
        best = max(tried, key=lambda k: -2.0 if math.isnan(tried[k][0].silhouette) else tried[k][0].silhouette)
        clusters, scores = tried[best]
        draw_clusters(self.out.path(CLUSTERS), clusters, scores, paths, options.seed)
        for number, score in enumerate(scores):
            count = int((clusters.labels == number).sum())
            self.progress.note(f"cluster {number + 1} of {best}: {count:,} photos, whole body {score:.2f}")
        chosen = self._choose(best)
        self.out.describe(
            clusters=best,
            silhouettes={str(k): _number(found.silhouette) for k, (found, _) in tried.items()},
            whole_body=[round(score, 4) for score in scores],
            chosen=chosen,
        )
        return clusters, chosen - 1

    def _choose(self, count: int) -> int:
        """The number of the chosen cluster, from 1 on."""
        chosen = self.options.choose or "1"
        if chosen == ASK:
            self.progress.note(f"look at {self.out.path(CLUSTERS)}")
            chosen = ""
            while not (chosen.isdecimal() and 1 <= int(chosen) <= count):
                chosen = typer.prompt(f"Which cluster shows whole bodies, 1 to {count}?", default="1", err=True)
        if int(chosen) > count:
            raise UsageError(f"--choose {chosen}: {count} clusters were found best, so it is 1 to {count}")
        self.progress.note(
            f"choosing from cluster {chosen}" + ("" if self.options.choose else " (--choose takes another)")
        )
        return int(chosen)

    # ------------------------------------------------------------------------------------------------------ pairs

    def _read_packshots(self) -> None:
        """Find the product photos that cannot be read."""
        wanted = [product for product in self.products.values() if product.packshot is not None]
        for window in windows(wanted):
            for product, found in zip(window, map_window(_try_packshot, window, workers=self.workers), strict=True):
                if isinstance(found, BadRow) and product.packshot is not None:
                    self.bad[product.place] = failed(product.packshot, found)
                    self.progress.detail(f"bad: {product.packshot.name}: {found}")

    def _pair(self, pairing: Pairing) -> tuple[dict[int, Row], Rejections]:
        """The pairs by the place of their rows, and the products without one."""
        rejected = Rejections(self.input_columns)
        for number in self.nowhere:
            rejected.add_row(self.rows[number], number)
        pairs: dict[int, Row] = {}
        for product in self.products.values():
            if product.place in self.bad and product.packshot is not None:
                continue  # the bad row tells it
            outcome = pairing.pair(product)
            if isinstance(outcome, Row):
                pairs[product.place] = outcome
            else:
                rejected.add(product, outcome)
        if self.options.split is not None:
            self._split(pairs)
        if self.options.ab:
            self._draw_ab(pairs)
        return pairs, rejected

    def _split(self, pairs: dict[int, Row]) -> None:
        self.progress.note("looking for copies of photos between products")
        photos = [
            (product.name, row)
            for product in self.products.values()
            for number, row in [(product.place, product.packshot), *product.candidates]
            if row is not None and number not in self.bad
        ]
        tied = tied_products(photos, self.workers, self.progress)
        names = [row[self.options.group] for row in pairs.values()]
        splits = draw_splits(names, tied, self.options.split, self.options.seed, self.progress)
        for place, row in pairs.items():
            pairs[place] = row.having(split=splits[row[self.options.group]])

    def _draw_ab(self, pairs: dict[int, Row]) -> None:
        images = SideBySide(self.out.path(""), self.options.size or AB_SIZE)
        jobs = list(zip(pairs, images.files(list(pairs.values())), strict=True))
        draw = partial(_draw, images)
        for window in windows(self.progress.track(jobs, "pairs drawn")):
            for (place, _), found in zip(window, map_window(draw, window, workers=self.workers), strict=True):
                if isinstance(found, BadRow):  # a photo was taken away since it was read
                    self.bad[place] = failed(self.rows[place], found)
                    del pairs[place]
        images.sweep()

    # ---------------------------------------------------------------------------------------------------- the end

    def _written(self, pairs: dict[int, Row]) -> Iterator[Row]:
        """The output: pairs and bad rows, in the input's order."""
        for number, row in enumerate(self.rows):
            if row.is_bad:
                yield row
                continue
            if number in self.bad:
                yield self.bad[number]
            if number in pairs:  # without product photos a pair stands at its product's first photo, which may be bad
                yield pairs[number]

    def _finish(self, pairs: dict[int, Row], rejected: Rejections) -> None:
        totals, digest = self.out.totals, hashlib.sha256()
        for number, row in enumerate(self.rows):
            digest.update(timeless_digest(row, str(self.out.folder)).encode())
            if row.is_bad:
                totals.rows += 1
                totals.passed += 1
            else:
                totals.count(self.bad.get(number, row))
        rejected.write(self.out.path(""), self.progress)
        self.out.write_table(MANIFEST, self.columns, self._written(pairs))
        self.out.extra_totals = {"products": len(self.products), "pairs": len(pairs), "rejected": rejected.count}
        self.progress.note(f"{len(pairs):,} of {len(self.products):,} products have their photo")
        self.out.finish(digest.hexdigest())


def _try_packshot(product: Product) -> None:
    if product.packshot is not None:
        decode(read_bytes(product.packshot["path"]), min_side=_PACKSHOT_SIDE)


def _draw(images: SideBySide, job: tuple[int, tuple[Row, Path]]) -> None:
    images.draw(job[1])


def _number(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
