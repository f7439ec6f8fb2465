"""The manifest in files: what is read, what is refused with file and line, what survives a round trip (all texts)."""

import csv
import io
import os
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fashiontools.core.errors import ManifestError, UsageError
from fashiontools.core.inputs import open_inputs
from fashiontools.core.manifest import Reader, Row, Table, Writer, with_columns
from fashiontools.core.names import name_below, numbered, stem

# Any text that UTF-8 can hold; NUL cannot stand in a file name and is left out.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
LINE_SEPARATORS = "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg\x1dh\x1ei"


def read(file: Path) -> list[Row]:
    return list(open_inputs([str(file)]).rows)


def written(folder: Path, data: bytes, name: str = "manifest.csv") -> Path:
    file = folder / name
    file.write_bytes(data)
    return file


@pytest.mark.parametrize(
    ("data", "rows"),
    [
        pytest.param(b"path,x\na.jpg,1\n", [("a.jpg", "1")], id="plain"),
        pytest.param(b"path,x\na.jpg,1", [("a.jpg", "1")], id="no newline at the end"),
        pytest.param(b"\xef\xbb\xbfpath,x\na.jpg,1\n", [("a.jpg", "1")], id="byte-order mark"),
        pytest.param(b"path,x\r\na.jpg,1\r\nb.jpg,2\r\n", [("a.jpg", "1"), ("b.jpg", "2")], id="CRLF"),
        pytest.param(b'\xef\xbb\xbf"path","x"\r\n"a.jpg","1"\r\n', [("a.jpg", "1")], id="Excel"),
        pytest.param(b'path,x\na.jpg,"two\nlines"\n', [("a.jpg", "two\nlines")], id="quoted newline"),
        pytest.param(b'path,x\r\na.jpg,"two\r\nlines"\r\n', [("a.jpg", "two\r\nlines")], id="quoted CRLF"),
        pytest.param(b'path,x\na.jpg,"say ""hi"", you"\n', [("a.jpg", 'say "hi", you')], id="quotes and commas"),
        pytest.param(b"\npath,x\n\na.jpg,1\n\n", [("a.jpg", "1")], id="blank lines"),
        pytest.param("path,x\nGröße 38/kleid ü 👗.jpg,ß\n".encode(), [("Größe 38/kleid ü 👗.jpg", "ß")], id="unicode"),
        pytest.param(b"path,x\n a b .jpg , 1 \n", [(" a b .jpg ", " 1 ")], id="spaces are kept"),
        pytest.param(b"x,path\n1,a.jpg\n", [("a.jpg", "1")], id="path is not the first column"),
        pytest.param(b"path,x\n", [], id="a header and no rows"),
    ],
)
def test_what_is_read(tmp_path: Path, data: bytes, rows: list[tuple[str, str]]) -> None:
    found = read(written(tmp_path, data))
    assert [(row["path"], row["x"]) for row in found] == [(str(tmp_path / path), x) for path, x in rows]
    assert not any(row.is_bad for row in found)


@pytest.mark.parametrize(
    ("data", "line", "told"),
    [
        pytest.param(b"", 1, "without a header", id="empty file"),
        pytest.param(b"\n\n", 1, "without a header", id="blank lines alone"),
        pytest.param(b"file,label\na.jpg,x\n", 1, "no column 'path' among file, label", id="no path column"),
        pytest.param(b"path,x,x\na.jpg,1,2\n", 1, "column 'x' is there twice", id="a column twice"),
        pytest.param(b"path,x\na.jpg,1\nb.jpg\n", 3, "1 fields where the header has 2", id="a field too few"),
        pytest.param(b"path,x\na.jpg,1\nb.jpg,2,3\n", 3, "3 fields where the header has 2", id="a field too many"),
        pytest.param(b'path,x\na.jpg,"two\nlines"\nb.jpg\n', 4, "1 fields", id="lines are counted within quotes"),
        pytest.param(b'path,x\na.jpg,1\nb.jpg,"2\n', 3, "not CSV", id="a quote that never ends"),
        pytest.param(b'path,x\na.jpg,"1"2\n', 2, "not CSV", id="text after a quote"),
    ],
)
def test_what_is_refused_with_file_and_line(tmp_path: Path, data: bytes, line: int, told: str) -> None:
    file = written(tmp_path, data)
    with pytest.raises(ManifestError) as caught:
        read(file)
    assert str(caught.value).startswith(f"{file}:{line}: ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_rows_before_a_ragged_one_are_read(tmp_path: Path) -> None:
    rows = iter(open_inputs([str(written(tmp_path, b"path\na.jpg\nb.jpg,2\n"))]).rows)
    assert next(rows)["path"] == str(tmp_path / "a.jpg")
    with pytest.raises(ManifestError, match=r"manifest\.csv:3: 2 fields"):
        next(rows)


def test_a_header_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ManifestError, match=r"manifest\.csv:1: .*UTF-8"):
        read(written(tmp_path, b"path,Gr\xf6\xdfe\na.jpg,38\n"))


@pytest.mark.parametrize("url", ["https://example.org/a.jpg", "HTTP://EXAMPLE.ORG/a.jpg", "s3://bucket/a.jpg"])
def test_a_url_is_a_bad_row_that_names_the_command(tmp_path: Path, url: str) -> None:
    bad, good = read(written(tmp_path, f"path\n{url}\na.jpg\n".encode()))
    assert (bad["path"], bad["status"]) == (url, "failed")
    assert "scrape urls" in bad["error"]
    assert not good.is_bad


def test_bytes_that_are_not_utf8_are_a_bad_row(tmp_path: Path) -> None:
    bad, good = read(written(tmp_path, b"path\ncaf\xe9.jpg\na.jpg\n"))
    assert bad["status"] == "failed"
    assert "UTF-8" in bad["error"]
    assert bad["path"].endswith(r"caf\xe9.jpg")
    assert not good.is_bad


def test_bytes_that_are_not_utf8_in_a_row_that_failed_before_can_be_passed_on(tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, b"path,error,status\na.jpg,caf\xe9,failed\n"))
    assert (row["status"], row["error"]) == ("failed", r"caf\xe9")
    "".join(row.values()).encode("utf-8")


@pytest.mark.parametrize("status", ["failed", "rejected", "whatever"])
def test_a_row_that_failed_before_is_left_as_it_is(tmp_path: Path, status: str) -> None:
    (row,) = read(written(tmp_path, f"path,status,error\nhttps://x/a.jpg,{status},why\n".encode()))
    assert row.is_bad
    assert dict(row) == {"path": "https://x/a.jpg", "status": status, "error": "why"}


@pytest.mark.parametrize("column", ["path", "parent", "mask", "target", "garment"])
def test_path_columns_are_relative_to_the_file(tmp_path: Path, column: str) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    columns = ["path", column] if column != "path" else ["path"]
    values = ["../photo.png"] * len(columns)
    file = written(folder, f"{','.join(columns)}\n{','.join(values)}\n".encode())
    assert read(file)[0][column] == str(tmp_path / "photo.png")


def test_source_and_unknown_columns_are_copied_as_they_are(tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, b"path,source,swatch,URL\na.jpg,../b.jpg,./c.jpg,x/../y\n"))
    assert (row["source"], row["swatch"], row["URL"]) == ("../b.jpg", "./c.jpg", "x/../y")


def test_absolute_and_empty_paths_stay(tmp_path: Path) -> None:
    (row,) = read(written(tmp_path, b"path,mask\n/elsewhere/a.jpg,\n"))
    assert (row["path"], row["mask"]) == ("/elsewhere/a.jpg", "")


def test_a_manifest_behind_a_link_is_relative_to_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    file = written(tmp_path / "real", b"path\na.jpg\n")
    (tmp_path / "link.csv").symlink_to(file)
    (tmp_path / "folder").symlink_to(tmp_path / "real")
    expected = str(tmp_path / "real" / "a.jpg")
    assert read(tmp_path / "link.csv")[0]["path"] == expected
    assert read(tmp_path / "folder")[0]["path"] == expected


@given(st.lists(st.tuples(TEXT, TEXT, TEXT), max_size=5), st.lists(TEXT.filter(bool), min_size=2, max_size=2))
@example([("a\rb", "\r", "\n")], ["\r", '"'])
@example([(LINE_SEPARATORS, '"', ",")], [LINE_SEPARATORS, "x"])
@example([("", "", "")], ["x", "y"])
def test_every_text_survives_a_round_trip(rows: list[tuple[str, str, str]], names: list[str]) -> None:
    """Written, then read as a file is read, and once more by Python's csv as the independent reader."""
    columns = ("path", *(f"column {number} {name}" for number, name in enumerate(names)))
    originals = [Row(zip(columns, ("/photos/p.jpg", first, second), strict=True)) for first, second, _ in rows]
    stream = io.StringIO(newline="")
    writer = Writer(stream, columns, "/photos")
    writer.header()
    for row in originals:
        writer.row(row)
    text = stream.getvalue()
    assert list(Reader(io.StringIO(text, newline=""), "test", "/photos")) == originals
    independent = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    assert independent == [list(columns), *(["p.jpg", *list(row.values())[1:]] for row in originals)]


@given(st.lists(TEXT.filter(lambda text: text.strip("/.")), min_size=1, max_size=4))
@example(["new\rline.jpg"])
@example([" spaces .jpg "])
@example([f"{LINE_SEPARATORS}.jpg"])
def test_every_path_survives_a_round_trip(parts: list[str]) -> None:
    path = os.path.normpath("/photos/" + "/".join(parts))
    for folder, shown in (("/photos/deep", os.path.relpath(path, "/photos/deep")), (None, path)):
        stream = io.StringIO(newline="")
        writer = Writer(stream, ("path", "mask"), folder)
        writer.header()
        writer.row(Row({"path": path, "mask": path}))
        assert list(csv.reader(io.StringIO(stream.getvalue(), newline="")))[1] == [shown, shown]
        (row,) = Reader(io.StringIO(stream.getvalue(), newline=""), "test", folder or "/anywhere")
        assert row["path"] == row["mask"] == path


def test_one_row_is_one_write() -> None:
    """A kill can tear the last line only, so a row must never come in two writes."""
    writes: list[str] = []

    class Stream(io.StringIO):
        def write(self, text: str, /) -> int:
            writes.append(text)
            return len(text)

    writer = Writer(Stream(), ("path", "x"), None)
    writer.header()
    writer.row(Row({"path": "/a", "x": "two\nlines"}))
    assert writes == ["path,x\n", '/a,"two\nlines"\n']


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a/b.jpg", "a/b"),
        ("a/b.jpg.png", "a/b"),
        ("a/b.JPEG.png", "a/b"),
        ("a/b.jpg.2.png", "a/b"),
        ("a/b.jpg.2", "a/b"),
        ("a/b.tif.webp.png", "a/b"),
        ("a.jpg/b.png", "a.jpg/b"),
        ("size.38.jpg", "size.38"),
        ("no-suffix", "no-suffix"),
        ("b.txt", "b.txt"),
        ("b.2", "b.2"),
    ],
)
def test_stem(name: str, expected: str) -> None:
    assert stem(name) == expected


@pytest.mark.parametrize(("number", "expected"), [(1, "a/b.jpg"), (2, "a/b.jpg.2"), (13, "a/b.jpg.13")])
def test_numbered(number: int, expected: str) -> None:
    assert numbered("a/b.jpg", number) == expected
    assert stem(numbered("a/b.jpg", number)) == "a/b"


@pytest.mark.parametrize(
    ("folder", "path", "expected"),
    [
        ("/photos", "/photos/a/b.jpg", "a/b.jpg"),
        ("/photos/x", "/photos/a/b.jpg", "a/b.jpg"),
        ("/photos/x/y", "/elsewhere/b.jpg", "elsewhere/b.jpg"),
        ("/photos", "/photos/..b.jpg", "..b.jpg"),
    ],
)
def test_name_below(folder: str, path: str, expected: str) -> None:
    assert name_below(folder, path) == expected


@given(st.lists(st.sampled_from(["a", "b", "..", ".", "c.jpg", "..."]), min_size=1, max_size=8))
def test_no_name_leads_out_of_the_output_folder(parts: list[str]) -> None:
    path = os.path.normpath("/photos/" + "/".join(parts))
    name = name_below("/photos/shop", path)
    assert ".." not in name.split("/")
    assert not name.startswith("/")
    assert os.path.normpath(f"/out/{name}").startswith("/out")


def test_added_columns_come_last_and_once() -> None:
    assert with_columns(("path", "mask"), "mask", "status") == ("path", "mask", "status")
    assert with_columns(("path",), "box", "score", "box") == ("path", "box", "score"), "as of two inputs"


def test_a_missing_column_is_told_with_those_that_are_there() -> None:
    with pytest.raises(UsageError, match="no column 'mask': why not; the columns are path, label"):
        Table(("path", "label"), []).require("path", "mask", why="why not")
