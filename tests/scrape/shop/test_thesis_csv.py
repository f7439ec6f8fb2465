"""`data.csv` and names as seed 003 had them, read back by Python's own CSV reader."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashiontools.core.manifest import Row
from fashiontools.scrape.shop.thesis_csv import group_of, names_of, with_data_csv

THESIS = [
    "attributes",
    "brand",
    "category",
    "color",
    "id",
    "img_path",
    "img_url",
    "model_img_urls",
    "name",
    "product_url",
]
IDS = [
    "../../x",
    "..",
    ".hidden",
    "",
    "a/b",
    "a\\b",
    "A B",
    "é",
    "CON",
    "x" * 300,
    "01.899.12.5102_498134",
    "a\n;\"b'",
    "a\0",
]
texts = st.text(max_size=120) | st.sampled_from(IDS)
views = st.lists(st.sampled_from(["product", "model", ""]), min_size=1, max_size=6)


def photos(folder: Path, number: str, views: list[str], shop: str = "zalando", **facts: str) -> list[Row]:
    """The finished rows of a product."""
    known = {
        "brand": "Maria",
        "name": "Kleid",
        "category": "dresses",
        "color": "red",
        "attributes": "a",
        "page": "https://z/p",
    }
    rows = [
        Row({**known, **facts, "group": group_of(shop, number), "view": view, "source": f"https://i/{number}/{at}"})
        for at, view in enumerate(views)
    ]
    names = names_of(rows, "zalando")
    return [row.having(path=str(folder / f"{name}.jpg"), status="ok") for row, name in zip(rows, names, strict=True)]


def written(folder: Path, rows: list[Row]) -> list[dict[str, str]]:
    assert list(with_data_csv(iter(rows), folder)) == rows
    with open(folder / "data.csv", encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, delimiter=";", strict=True)
        assert reader.fieldnames == THESIS
        return list(reader)


def test_a_line_has_what_the_thesis_had(tmp_path: Path) -> None:
    rows = photos(tmp_path, "IV521C00D-A11", ["model", "product", "model"], attributes="Passform: eng, Unifarben")
    assert written(tmp_path, rows) == [
        {
            "attributes": "Passform: eng, Unifarben",
            "brand": "Maria",
            "category": "dresses",
            "color": "red",
            "id": "IV521C00D-A11",
            "img_path": "dresses/IV521C00D-A11.jpg",
            "img_url": "https://i/IV521C00D-A11/1",
            "model_img_urls": "https://i/IV521C00D-A11/0, https://i/IV521C00D-A11/2",
            "name": "Kleid",
            "product_url": "https://z/p",
        }
    ]
    assert (tmp_path / "data.csv").read_bytes().splitlines()[0].decode() == ";".join(THESIS)


def test_worn_photos_are_numbered_from_nought_in_the_order_of_the_page() -> None:
    rows = photos(Path("/f"), "a", ["model", "product", "", "model", "product"])
    assert [Path(row["path"]).name for row in rows] == ["a@0.jpg", "a.jpg", "a@more-0.jpg", "a@1.jpg", "a@more-1.jpg"]
    assert [Path(row["path"]).name for row in photos(Path("/f"), "a", ["", ""])] == ["a.jpg", "a@more-0.jpg"]
    assert [Path(row["path"]).name for row in photos(Path("/f"), "a", ["model", "model"])] == ["a@0.jpg", "a@1.jpg"]


@given(st.lists(st.tuples(texts, texts, texts), max_size=4))
def test_any_text_comes_back(tmp_path_factory: pytest.TempPathFactory, facts: list[tuple[str, str, str]]) -> None:
    folder = tmp_path_factory.mktemp("csv")
    encodable = [tuple(re.sub("[\0\ud800-\udfff]", "", text) for text in fact) for fact in facts]
    rows = [
        row
        for at, (name, brand, tags) in enumerate(encodable)
        for row in photos(folder, f"id-{at}", ["product", "model"], name=name, brand=brand, attributes=tags)
    ]
    found = [(line["name"], line["brand"], line["attributes"]) for line in written(folder, rows)]
    assert found == encodable


def test_fields_that_would_break_a_line_are_quoted(tmp_path: Path) -> None:
    rows = photos(tmp_path, "1", ["product"], name='"A; B"', attributes="98% Baumwolle, 2% Elasthan\nfein")
    (line,) = written(tmp_path, rows)
    assert (line["name"], line["attributes"]) == ('"A; B"', "98% Baumwolle, 2% Elasthan\nfein")
    assert b'"""A; B"""' in (tmp_path / "data.csv").read_bytes()


def test_a_product_without_its_packshot_has_no_line(tmp_path: Path) -> None:
    bad = [row.having(status="error", path="") for row in photos(tmp_path, "1", ["product", "model"])]
    lost = photos(tmp_path, "2", ["product", "model"])
    lost[1] = lost[1].having(status="error", path="")
    worn = photos(tmp_path, "3", ["model", "model"])
    (line,) = written(tmp_path, [*bad, *lost, *worn])
    assert line["id"] == "2"
    assert line["model_img_urls"] == "https://i/2/1", "numbers are those of the page, whatever could be fetched"


def test_lines_are_written_product_by_product(tmp_path: Path) -> None:
    rows = with_data_csv(
        iter(photos(tmp_path, "1", ["product", "model"]) + photos(tmp_path, "2", ["product"])), tmp_path
    )
    next(rows)
    next(rows)
    assert not (tmp_path / "data.csv").exists()
    assert next(rows)["group"] == "zalando:2"
    assert list(rows) == []
    assert (tmp_path / "data.csv").read_text(encoding="utf-8").count("\n") == 3


def test_what_is_broken_off_leaves_the_earlier_file_and_nothing_else(tmp_path: Path) -> None:
    def failing() -> Iterator[Row]:
        yield from photos(tmp_path, "2", ["product"])
        raise KeyboardInterrupt

    written(tmp_path, photos(tmp_path, "1", ["product"]))
    before = (tmp_path / "data.csv").read_bytes()
    with pytest.raises(KeyboardInterrupt):
        list(with_data_csv(failing(), tmp_path))
    closed = with_data_csv(iter(photos(tmp_path, "3", ["product"])), tmp_path)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]
    assert (tmp_path / "data.csv").read_bytes() == before


def test_the_folder_may_be_made_with_the_first_row(tmp_path: Path) -> None:
    folder = tmp_path / "later"

    def making() -> Iterator[Row]:
        folder.mkdir()
        yield from photos(folder, "1", ["product"])

    assert len(list(with_data_csv(making(), folder))) == 1
    assert (folder / "data.csv").exists()


def test_no_rows_make_a_header(tmp_path: Path) -> None:
    assert written(tmp_path, []) == []


@given(texts, texts, views, st.sampled_from(["zalando", "aboutyou", "any.shop"]))
def test_names_are_safe_whatever_a_shop_says(number: str, category: str, views: list[str], shop: str) -> None:
    root = Path("/data/out")
    rows = photos(root, number, views, shop, category=category)
    names = [path.removeprefix(f"{root}/") for path in (row["path"] for row in rows)]
    assert len(set(names)) == len(names)
    for name in names:
        assert re.fullmatch(
            r"[A-Za-z0-9_-]{1,80}/[A-Za-z0-9_-][A-Za-z0-9_.-]{0,79}(@(more-)?\d+)?\.jpg", name, re.ASCII
        )
        assert (root / name).resolve().parent.parent == root


@given(st.lists(st.tuples(st.sampled_from(["zalando", "any.shop"]), texts), min_size=2, max_size=12, unique=True))
def test_two_products_never_share_a_name(products: list[tuple[str, str]]) -> None:
    names = [photos(Path("/f"), number, ["product"], shop)[0]["path"] for shop, number in products]
    assert len(set(names)) == len(products)
    again = [photos(Path("/f"), number, ["product"], shop)[0]["path"] for shop, number in reversed(products)]
    assert again[::-1] == names, "a name depends on its product alone"


def test_an_id_that_looks_like_a_marked_one_is_marked_too() -> None:
    (evil,) = photos(Path("/f"), "../../x", ["product"])
    marked = Path(evil["path"]).stem
    assert re.fullmatch(r"x-[0-9a-f]{12}", marked)
    (other,) = photos(Path("/f"), marked, ["product"])
    assert Path(other["path"]).stem != marked


@pytest.mark.parametrize("category", ["run.json", "data.csv", "manifest.csv", ".", "..", "a/b", "-" * 100])
def test_a_category_is_no_file_of_ours(category: str) -> None:
    (row,) = photos(Path("/f"), "1", ["product"], category=category)
    folder = Path(row["path"]).parent
    assert folder.parent == Path("/f")
    assert re.fullmatch(r"[A-Za-z0-9_-]+-[0-9a-f]{12}", folder.name)


def test_what_has_no_category_lies_in_unsorted() -> None:
    (row,) = photos(Path("/f"), "1", ["product"], category="")
    assert row["path"] == "/f/unsorted/1.jpg"
