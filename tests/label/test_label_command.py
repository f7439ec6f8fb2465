"""`label` through the command line: folders, pipes, the files beside the rows, runs that are stopped."""

import csv
import io
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from done import Done
from manifests import Rows, rows_of, write_manifest
from sites.server import Sites
from sites.shops_fashionid import FashionId

from fashiontools.label.columns import VALUES

Run = Callable[..., "subprocess.CompletedProcess[str]"]
InProcess = Callable[..., Done]
Start = Callable[..., "subprocess.Popen[str]"]
Tree = Callable[[Path], dict[str, bytes]]
NBSP = "\u00a0"


def shop(folder: Path, products: int = 4, photos: int = 2) -> Rows:
    """A manifest as a shop is scraped: rows of one product share their texts; names have commas, quotes and breaks."""
    folder.mkdir(parents=True, exist_ok=True)
    nouns = (("Kleid", "kleider"), ("Minirock", "roecke"), ("Shorts", "shorts-bermudas"), ("Strickjacke", "Neuheiten"))
    rows = []
    for number in range(products):
        noun, slug = nouns[number % len(nouns)]
        for photo in range(photos):
            rows.append(
                {
                    "path": f"{slug}/p{number}@{photo}.jpg",
                    "group": f"zalando:p{number}",
                    "name": f'{noun} "No. {number}", neu\nim Shop - {("rot", "Navy")[number % 2]}',
                    "category": slug,
                    "color": "",
                    "attributes": f"Muster:{NBSP}gestreift, Material Oberstoff:{NBSP}98% Baumwolle, 2% Elasthan, "
                    f"Ärmellänge:{NBSP}Flatter{number % 3}",
                    "price": "19.95",
                }
            )
    write_manifest(folder, rows)
    return rows


@pytest.fixture
def bazaar(tmp_path: Path) -> Path:
    shop(tmp_path / "shop")
    return tmp_path / "shop"


def printed(done: "Done | subprocess.CompletedProcess[str]") -> Rows:
    return list(csv.DictReader(io.StringIO(done.stdout), strict=True))


def test_rows_get_their_values_and_keep_all_else(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    done = in_process("label", bazaar, "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    rows, before = rows_of(tmp_path / "out"), rows_of(bazaar)
    assert list(rows[0]) == list(dict.fromkeys([*before[0], *VALUES, "status", "error"]))
    assert [row["category"] for row in rows] == ["dresses"] * 2 + ["skirts"] * 2 + ["pants"] * 2 + ["knitwear"] * 2
    assert [row["color"] for row in rows] == ["red", "red", "blue", "blue"] * 2
    assert {row["pattern"] for row in rows} == {"stripes"}
    assert {row["neckline"] for row in rows} == {""}
    assert [row["length"] for row in rows] == ["", "", "short", "short", "short", "short", "", ""]
    for row, old in zip(rows, before, strict=True):
        assert {column: row[column] for column in ("group", "name", "attributes", "price")} == {
            column: old[column] for column in ("group", "name", "attributes", "price")
        }
        assert (tmp_path / "out" / row["path"]).resolve() == (bazaar / old["path"]).resolve()
    assert "label: category: dresses 2, knitwear 2, pants 2, skirts 2\n" in done.stderr
    assert "label: neckline: no value 8\n" in done.stderr
    assert "label: not understood: 5 words or tags, 18 times" in done.stderr


def test_labelling_twice_changes_nothing(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    for rules in ("corrected", "thesis"):
        once, twice = tmp_path / f"{rules}-1", tmp_path / f"{rules}-2"
        assert in_process("label", bazaar, "--rules", rules, "-o", once).returncode == 0
        assert in_process("label", once, "--rules", rules, "-o", twice).returncode == 0
        assert rows_of(twice) == rows_of(once)


def test_the_thesis_rules_are_another_result(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    assert in_process("label", bazaar, "--rules", "thesis", "-o", tmp_path / "out").returncode == 0
    rows = rows_of(tmp_path / "out")
    assert [row["category"] for row in rows] == ["dresses"] * 2 + ["skirts"] * 2 + [""] * 4
    assert {row["color"] for row in rows} == {""}
    refused = in_process("label", bazaar, "-o", tmp_path / "out")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "--rules was thesis" in refused.stderr


# --------------------------------------------------------------------------------------------------- files beside


def test_binary_has_a_column_for_each_value(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    file = tmp_path / "tables" / "binary.csv"
    assert in_process("label", bazaar, "--binary", file, "-o", tmp_path / "out").returncode == 0
    lines, rows = rows_of(file), rows_of(tmp_path / "out")
    assert list(lines[0]) == ["path", *(f"{column}_{value}" for column, those in VALUES.items() for value in those)]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        assert (file.parent / line["path"]).resolve() == (tmp_path / "out" / row["path"]).resolve()
        assert {name for name, cell in line.items() if cell == "1"} == {
            f"{column}_{row[column]}" for column in VALUES if row[column]
        }
        assert set(line.values()) == {line["path"], "0", "1"}
    chosen = in_process("label", file.parent / "binary.csv", "--where", "pattern_stripes=1")
    assert chosen.returncode == 2, "it has no words; but it is a manifest, and the condition was understood"
    assert "no column name, attributes, category or color" in chosen.stderr


def test_a_photo_of_several_boxes_has_one_line_and_a_bad_one_none(in_process: InProcess, tmp_path: Path) -> None:
    texts = {"name": "Kleid", "error": ""}
    rows = [
        {"path": "a.jpg", **texts, "status": "", "box": "0 0 1 1"},
        {"path": "a.jpg", **texts, "status": "ok", "box": "1 1 1 1"},
        {"path": "b.jpg", **texts, "status": "failed", "box": ""},
    ]
    (tmp_path / "in").mkdir()
    write_manifest(tmp_path / "in", rows)
    done = in_process("label", tmp_path / "in", "--binary", tmp_path / "b.csv", "-o", tmp_path / "out")
    assert [line["path"] for line in rows_of(tmp_path / "b.csv")] == ["in/a.jpg"]
    assert [row["category"] for row in rows_of(tmp_path / "out")] == ["dresses", "dresses", ""]
    assert "category: dresses 2\n" in done.stderr


def test_unmatched_is_sorted_and_teaches(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    unknown = tmp_path / "unknown.csv"
    assert in_process("label", bazaar, "--unmatched", unknown, "-o", tmp_path / "out").returncode == 0
    assert [(row["column"], row["key"], row["text"], row["count"]) for row in rows_of(unknown)] == [
        ("", "name", "shop", "8"),
        ("sleeve_length", "ärmellänge", "flatter0", "4"),
        ("category", "category", "neuheiten", "2"),
        ("sleeve_length", "ärmellänge", "flatter1", "2"),
        ("sleeve_length", "ärmellänge", "flatter2", "2"),
    ]
    assert rows_of(unknown)[1]["example"] == "Ärmellänge: Flatter0"
    own = tmp_path / "own.toml"
    own.write_text('[sleeve_length]\nhalf = ["flatter*"]\n[category]\nnone = ["neuheit*"]\n', encoding="utf-8")
    done = in_process("label", bazaar, "--words", own, "--unmatched", unknown, "-o", tmp_path / "out")
    assert "the vocabulary has changed: labelling all rows again" in done.stderr
    assert {row["sleeve_length"] for row in rows_of(tmp_path / "out")} == {"half"}
    assert not {"neuheiten", "flatter0"} & {row["text"] for row in rows_of(unknown)}
    again = in_process("label", bazaar, "--words", own, "-o", tmp_path / "out")
    assert "8 of them earlier" in again.stderr


def test_describe_writes_sentences(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    assert in_process("label", bazaar, "--describe", "-o", tmp_path / "out").returncode == 0
    assert [row["description"] for row in rows_of(tmp_path / "out")][::2] == [
        "A red striped dress.",
        "A short blue striped skirt.",
        "A pair of short red striped pants.",
        "A piece of blue striped knitwear.",
    ]


def test_english(in_process: InProcess, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_manifest(tmp_path / "in", [{"path": "a.jpg", "name": "Floral midi dress in navy", "attributes": "Fit: Slim"}])
    assert in_process("label", tmp_path / "in", "--language", "en", "-o", tmp_path / "out").returncode == 0
    (row,) = rows_of(tmp_path / "out")
    assert {column: row[column] for column in VALUES if row[column]} == {
        "category": "dresses", "color": "blue", "length": "3-4", "fit": "tight", "pattern": "floral",
    }  # fmt: skip


# ------------------------------------------------------------------------------------------------------- pipes


def test_without_o_rows_are_printed_and_no_folder_is_made(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    done = in_process("label", bazaar, "--unmatched", tmp_path / "u.csv", "--binary", tmp_path / "b.csv")
    assert done.returncode == 0
    rows = printed(done)
    assert [row["path"] for row in rows] == [str(bazaar / row["path"]) for row in rows_of(bazaar)]
    assert {row["pattern"] for row in rows} == {"stripes"}
    assert set(tmp_path.rglob("*")) - before == {tmp_path / "u.csv", tmp_path / "b.csv"}
    assert len(rows_of(tmp_path / "b.csv")) == len(rows)


def test_dry_run_writes_nothing(in_process: InProcess, bazaar: Path, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    files = ("--unmatched", tmp_path / "u.csv", "--binary", tmp_path / "b.csv", "--dry-run")
    for output in ((), ("-o", tmp_path / "out")):
        done = in_process("label", bazaar, *files, *output)
        assert (done.returncode, printed(done)) == (0, [])
        assert "8 rows, 8 to do; nothing was written" in done.stderr
    assert set(tmp_path.rglob("*")) == before


def test_no_rows_make_a_header_and_empty_files(in_process: InProcess, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "manifest.csv").write_text("path,name\n")
    files = ("--unmatched", tmp_path / "u.csv", "--binary", tmp_path / "b.csv")
    done = in_process("label", tmp_path / "in", *files)
    assert done.stdout == f"path,name,{','.join(VALUES)},status,error\n"
    assert (tmp_path / "u.csv").read_text() == "column,key,text,count,example\n"
    assert (tmp_path / "b.csv").read_text().startswith("path,category_blouses,")


def test_a_pipe_streams_and_a_killed_run_ends_with_the_same_bytes(
    start: Start, in_process: InProcess, tree: Tree, bazaar: Path, tmp_path: Path, wait_for: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Killed after half of the rows, with files of the first half alone: the second run's count them all."""
    rows = shop(bazaar, products=40)
    text = (bazaar / "manifest.csv").read_text(encoding="utf-8")
    cut = text.index(rows[40]["path"])

    def words(folder: Path) -> list[str | Path]:
        return ["label", "-", "--unmatched", folder / "u.csv", "--binary", folder / "b.csv", "-o", folder / "out"]

    for name in ("whole", "killed"):
        (tmp_path / name).mkdir()
    killed = start(*words(tmp_path / "killed"), cwd=bazaar)
    killed.stdin.write(text[:cut])
    killed.stdin.flush()
    part = tmp_path / "killed" / "out" / "manifest.csv.part"
    wait_for(lambda: part.exists() and part.read_text(encoding="utf-8").count(",ok,") >= 10)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "killed" / "u.csv").exists()
    monkeypatch.chdir(bazaar)
    for name in ("whole", "killed"):
        monkeypatch.setattr("sys.stdin", open(bazaar / "manifest.csv", encoding="utf-8"))  # noqa: SIM115
        done = in_process(*words(tmp_path / name))
        assert done.returncode == 0, done.stderr
    assert "of them earlier" in done.stderr
    assert tree(tmp_path / "killed") == tree(tmp_path / "whole")
    assert sum(int(row["count"]) for row in rows_of(tmp_path / "killed" / "u.csv")) >= 80


def test_a_scraped_shop_is_labelled(run: Run, in_process: InProcess, tmp_path: Path) -> None:
    site = FashionId()
    with Sites(*site.sites) as sites:
        quick = ("--delay", "0.001", "--retries", "0", "--max-errors", "100%")
        wanted = ("--category", "dresses", "--color", "red")
        done = run("scrape", "shop", "fashionid", *wanted, "-o", tmp_path / "shop", *quick, *sites.flags)
    assert done.returncode == 0, done.stderr
    for rules in ("thesis", "corrected"):
        assert in_process("label", tmp_path / "shop", "--rules", rules, "-o", tmp_path / rules).returncode == 0
        for row in rows_of(tmp_path / rules):
            assert {column: row[column] for column in VALUES if row[column]} == {
                "category": "dresses", "color": "red", "length": "knee", "fit": "tight", "pattern": "unicolors",
                "neckline": "round",
            }  # fmt: skip


# ------------------------------------------------------------------------------------------------------ bad input


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--language", "dee"), "--language: unknown language 'dee': did you mean de"),
        (("--rules", "thesis", "--language", "en"), "--rules thesis is for German texts"),
        (("--rules", "thesis", "--words", "own.toml"), "--words has no meaning for --rules thesis"),
        (("--words", "there-is-none.toml"), "there-is-none.toml: No such file or directory"),
        (("--binary", "x.csv", "--unmatched", "x.csv"), "--unmatched and --binary are both x.csv"),
        (("--binary", "."), ". is a folder: name a file"),
    ],
)
def test_bad_options_are_one_line(
    in_process: InProcess, bazaar: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = in_process("label", bazaar, *words, "-o", tmp_path / "out")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert told in done.stderr
    assert not (tmp_path / "out").exists()


def test_rows_without_words_are_refused(in_process: InProcess, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    write_manifest(tmp_path / "in", [{"path": "a.jpg", "brand": "x"}])
    done = in_process("label", tmp_path / "in", "-o", tmp_path / "out")
    assert done.returncode == 2
    assert done.stderr == (
        "fashiontools: no column name, attributes, category or color: there are no words to read; "
        "the columns are path, brand\n"
    )
    assert not (tmp_path / "out").exists()
