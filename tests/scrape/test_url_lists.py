"""Lists of URLs: every form that they come in, and every way in which they are wrong or hostile."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from scraping import Scrape, Scraped, asked
from sites import pictures
from sites.images import ImageHost
from sites.server import Sites

HOST = ImageHost()
A, B, C, D = (HOST.url("ok", name) for name in "abcd")
ADDED = ["width", "height", "sha256", "status", "error"]


def listed(folder: Path, text: str | bytes, name: str = "list.csv") -> Path:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / name


def scraped_list(scrape: Scrape, folder: Path, text: str | bytes | Path, *flags: str | Path) -> Scraped:
    with Sites(HOST) as sites:
        return scrape(sites, folder / "photos", listed(folder, text) if not isinstance(text, Path) else text, *flags)


def test_a_csv_keeps_its_other_columns(scrape: Scrape, tmp_path: Path) -> None:
    text = f'\ufeffbrand,source,description\r\nPrada,{A},"a coat,\r\n""red"""\r\n\r\nÇelik,{B},\r\n'
    scraped = scraped_list(scrape, tmp_path, text)
    assert list(scraped.rows[0]) == ["path", "source", "brand", "description", *ADDED]
    assert [row["brand"] for row in scraped.rows] == ["Prada", "Çelik"]
    assert scraped.rows[0]["description"] == 'a coat,\r\n"red"'
    assert [row["source"] for row in scraped.rows] == [A, B]
    assert scraped.errors == ["", ""]
    assert [row["path"] for row in scraped.printed] == [str(scraped.folder / row["path"]) for row in scraped.rows]


def test_source_comes_before_path_and_column_before_both(scrape: Scrape, tmp_path: Path) -> None:
    text = f"path,source,photo\n{A},{B},{C}\n"
    with Sites(HOST) as sites:
        by_source = scrape(sites, tmp_path / "source", text)
        by_column = scrape(sites, tmp_path / "column", text, "--column", "photo")
    assert [row["source"] for row in by_source.rows] == [B]
    assert [(row["source"], row["photo"]) for row in by_column.rows] == [(C, C)]


def test_several_lists_and_standard_input(scrape: Scrape, tmp_path: Path) -> None:
    one = listed(tmp_path, f"path,brand\n{A},Prada\n", "one.csv")
    two = listed(tmp_path, f"\n\n{B}\n\n  {C}  \n", "two.txt")
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", f"\ufeffsource\n{D}\n", one, two)
    assert [row["source"] for row in scraped.rows] == [D, A, B, C]
    assert [row["brand"] for row in scraped.rows] == ["", "Prada", "", ""]
    assert scraped.errors == [""] * 4


def test_a_bad_row_is_passed_on_untouched(scrape: Scrape, tmp_path: Path) -> None:
    text = f"path,source,mask,status,error\n,{A},,failed,HTTP 404\n{B},,,failed,no such file\n,{C},masks/c.png,ok,\n"
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", listed(tmp_path, text))
        assert asked(sites, HOST.host) == ["/ok/c.jpg"]
    assert [(row["path"], row["source"], row["error"]) for row in scraped.rows[:2]] == [
        ("", A, "HTTP 404"), (B, "", "no such file")
    ]  # fmt: skip
    assert [row["status"] for row in scraped.rows] == ["failed", "failed", "ok"]
    assert scraped.rows[2]["mask"] == "../masks/c.png"  # the list's own folder is above that of the photos


def test_what_another_command_left_for_us_is_fetched(
    run: Callable[..., subprocess.CompletedProcess[str]], scrape: Scrape, tmp_path: Path
) -> None:
    """A manifest with a URL as its path comes out of any command as a bad row that names `scrape urls`."""
    left = run("dedupe", "-", "--max-errors", "1", stdin=f"path\n{A}\n").stdout
    assert "scrape urls" in left
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", left)
    assert [(row["source"], row["status"], row["error"]) for row in scraped.rows] == [(A, "ok", "")]


def test_a_url_that_is_listed_twice_is_fetched_once(scrape: Scrape, tmp_path: Path) -> None:
    gone = HOST.url("gone", "x")
    same = [HOST.url("ok", "same-1"), HOST.url("ok", "same-2")]
    urls = [A, B, A, gone, C, D, gone, *same, A]
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", urls, "--workers", "2")
        assert sorted(asked(sites, HOST.host)) == sorted(url.removeprefix(f"https://{HOST.host}") for url in {*urls})
    paths = [row["path"] for row in scraped.rows]
    assert paths[0] == paths[2] == paths[9] != ""
    assert paths[7] == paths[8] != ""
    assert scraped.photos == {*paths} - {""}
    assert "receipt: 10 listed, 5 fetched, 0 already here, 3 duplicate, 2 unavailable, 0 failed" in scraped.stderr
    assert "unavailable: 2: HTTP 404" in scraped.stderr


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_an_empty_list_is_told(scrape: Scrape, tmp_path: Path, text: str) -> None:
    scraped = scraped_list(scrape, tmp_path, text)
    assert (scraped.code, scraped.stdout, scraped.folder.exists()) == (2, "", False)
    assert "list.csv is empty" in scraped.stderr


def test_a_header_alone_makes_an_empty_manifest(scrape: Scrape, tmp_path: Path) -> None:
    scraped = scraped_list(scrape, tmp_path, "source,brand\n")
    assert (scraped.code, scraped.rows, scraped.stdout) == (0, [], ",".join(["path", "source", "brand", *ADDED]) + "\n")


@pytest.mark.parametrize(
    ("text", "flags", "told"),
    [
        ("sorce,brand\nx,y\n", (), "did you mean sorce?"),
        ("sorce,brand\nx,y\n", ("--column", "brnd"), "did you mean brand?"),
        (f"{A}\n", ("--column", "brand"), "its first line is a URL"),
        ("source,a,a\nx,y,z\n", (), "list.csv:1: a column is there twice"),
        (b"source,caf\xe9\nx,y\n", (), "list.csv:1: its header is not UTF-8"),
        ('source,"a\n', (), "list.csv:1: not CSV"),
    ],
)
def test_a_list_that_cannot_be_meant_is_told(
    scrape: Scrape, tmp_path: Path, text: str | bytes, flags: tuple[str, ...], told: str
) -> None:
    scraped = scraped_list(scrape, tmp_path, text, *flags)
    assert (scraped.code, scraped.stdout, scraped.folder.exists()) == (2, "", False)
    assert told in scraped.stderr
    assert scraped.stderr.count("\n") == 1


def test_what_is_no_list_is_told(scrape: Scrape, tmp_path: Path) -> None:
    missing = scraped_list(scrape, tmp_path, tmp_path / "missing.csv")
    folder = scraped_list(scrape, tmp_path, tmp_path)
    assert (missing.code, folder.code) == (2, 2)
    assert "missing.csv: No such file" in missing.stderr
    assert "Is a directory" in folder.stderr
    with Sites(HOST) as sites:
        url = scrape(sites, tmp_path / "photos", A, "https://me:secret@images.example/a.jpg")
    assert "a URL, not a list" in url.stderr
    assert "secret" not in url.stderr
    assert not (tmp_path / "photos").exists()


def test_a_ragged_row_ends_the_run_with_its_line_and_keeps_the_rest(scrape: Scrape, tmp_path: Path) -> None:
    text = f'\nsource,note\n{A},"two\nlines"\n{B},\n{C},x,y\n{D},\n'
    scraped = scraped_list(scrape, tmp_path, text, "--workers", "1")
    assert scraped.code == 2
    assert "list.csv:6: 3 fields where the header has 2" in scraped.stderr
    assert len(scraped.photos - {"manifest.csv.part", "rows.log.part"}) == 2
    listed(tmp_path, text.replace(",x,y", ",x"))
    with Sites(HOST) as sites:
        mended = scrape(sites, tmp_path / "photos", tmp_path / "list.csv")
        assert asked(sites, HOST.host) == ["/ok/c.jpg", "/ok/d.jpg"]
    assert mended.errors == [""] * 4


def test_a_password_goes_no_further_than_the_lists_own_column(scrape: Scrape, tmp_path: Path) -> None:
    secret = f"https://me:hunter2@{HOST.host}/ok/a.jpg"
    with Sites(HOST) as sites:
        plain = scrape(sites, tmp_path / "plain", [secret, f"https://token-hunter2@{HOST.host}/ok/a.jpg"], "--verbose")
        text = f"photo\n{secret}\n"
        column = scrape(sites, tmp_path / "column", text, "--column", "photo", "--verbose", "--max-errors", "1")
        assert sites.requests == []
    assert plain.errors == ["a user or password stands in the URL"] * 2
    assert [row["source"] for row in plain.rows] == [f"https://***@{HOST.host}/ok/a.jpg"] * 2
    files = [file for folder in ("plain", "column") for file in (tmp_path / folder).iterdir()]
    told = {file.name for file in files if b"hunter2" in file.read_bytes()}
    assert told == {"manifest.csv"}
    assert "hunter2" not in plain.stdout + plain.stderr + column.stderr + (tmp_path / "plain/manifest.csv").read_text()
    assert column.rows[0]["photo"] == secret


def test_what_is_no_url_of_the_web_is_a_bad_row(scrape: Scrape, tmp_path: Path) -> None:
    wrong = {
        "": "not the URL of a web server",
        f"http://{HOST.host}/ok/a.jpg": "--allow-http",
        "file:///etc/passwd": "not the URL of a web server",
        "//images.example/ok/a.jpg": "not the URL of a web server",
        "photos/a.jpg": "not the URL of a web server",
        "ftp://images.example/a.jpg": "not the URL of a web server",
        "https://": "not the URL of a web server",
        "https://[::1/a.jpg": "not a URL",
        "https://[::1]/a.jpg": "private",
        "https://127.0.0.1/a.jpg": "private",
        "https://0x7f.1/a.jpg": "private",
        "https://2130706433/a.jpg": "private",
        "https://images.example:99999/a.jpg": "not a URL",
        "https://a\x00b.example/a.jpg": "not",
        "https://a b.example/a.jpg": "not",
        "https://a%0d%0ab.example/a.jpg": "not",
        "https://images.example\\@127.0.0.1/ok/a.jpg": "",
    }
    text = "n,source\n" + "".join(f'{number},"{url}"\n' for number, url in enumerate(wrong))
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", text)
        assert {request.host for request in sites.requests} <= {HOST.host}
    assert [row["status"] for row in scraped.rows] == ["failed"] * len(wrong)
    for row, told in zip(scraped.rows, wrong.values(), strict=True):
        assert told in row["error"], row
        assert row["error"].isprintable()
    assert scraped.photos == set()


def test_a_host_may_be_written_in_any_alphabet(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost("xn--bcher-kva.example")
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", ["https://Bücher.example/ok/a.jpg"])
        assert [request.host for request in sites.requests] == [host.host] * 2
    (row,) = scraped.rows
    assert (row["source"], row["error"]) == ("https://Bücher.example/ok/a.jpg", "")
    assert row["path"].startswith("xn--bcher-kva.example_")


def test_names_are_made_by_us(scrape: Scrape, tmp_path: Path) -> None:
    long = "x" * 63
    host, wide = ImageHost(), ImageHost(f"{long}.{long}.example")
    paths = [
        "/ok/a.jpg?../../../x", "/ok/b.jpg?" + "y" * 3000, "/ok/%2e%2e%2f%2e%2e%2fc.jpg", "/ok/../ok/d.jpg",
        "/ok/e.jpg?\x00", "/ok/f.jpg?x=%00%0d%0aSet-Cookie:a", "/ok/g.jpg#/../../x", "/ok/h.jpg?ü=\u202e",
    ]  # fmt: skip
    urls = [f"https://{host.host}{path}" for path in paths] + [wide.url("ok", "i")]
    with Sites(host, wide) as sites:
        scraped = scrape(sites, tmp_path / "deep" / "photos", urls)
    good = [row for row in scraped.rows if row["status"] == "ok"]
    assert len(good) == len(urls) - 1, scraped.errors  # no such photo: the escaped slashes are no slashes
    assert scraped.photos == {row["path"] for row in good}
    for row in good:
        assert row["path"].isascii()
        assert len(row["path"]) < 110
        assert (scraped.folder / row["path"]).parent == scraped.folder
    assert {path.name for path in (tmp_path / "deep").iterdir()} == {"photos"}
    wanted = [pictures.picture(name) for name in "abdefghi"]
    assert [(scraped.folder / row["path"]).read_bytes() for row in good] == wanted


def test_bytes_that_are_not_utf8_are_escaped(scrape: Scrape, tmp_path: Path) -> None:
    text = b"source,note\n" + A.encode() + b"?caf\xe9,n\xe9\n"
    scraped = scraped_list(scrape, tmp_path, text)
    assert scraped.code == 0
    assert scraped.rows[0]["note"] == "n\\xe9"
    assert json.loads((scraped.folder / "run.json").read_text())["complete"] is True


def test_a_dry_run_asks_nobody(scrape: Scrape, tmp_path: Path) -> None:
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", [A, B], "--dry-run")
        assert sites.requests == []
    assert not scraped.folder.exists()
    assert f"would do {A}" in scraped.stderr


@pytest.mark.parametrize(
    ("flags", "told"),
    [
        (("--connect-to", "a.example:443"), "expected HOST:PORT:HOST2:PORT2"),
        (("--connect-to", "a.example:443:b.example:70000"), "expected HOST:PORT:HOST2:PORT2"),
        (("--cacert", "missing.pem"), "missing.pem: No such file"),
        (("--cacert", __file__), "not a certificate"),
        (("--delay", "inf"), "--delay inf: expected a number"),
        (("--fit", "crop"), "give --size N too"),
        (("--timeout", "inf"), "--timeout inf: expected a number"),
        (("--contact", "é"), "plain ASCII"),
    ],
)
def test_options_that_cannot_be_meant_are_told(
    scrape: Scrape, tmp_path: Path, flags: tuple[str, ...], told: str
) -> None:
    with Sites(HOST) as sites:
        scraped = scrape(sites, tmp_path / "photos", [A], *flags)
        assert sites.requests == []
    assert (scraped.code, scraped.folder.exists()) == (2, False)
    assert told in scraped.stderr
