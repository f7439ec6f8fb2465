"""`scrape shop`, through the command line, on local shops."""

import csv
import io
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess, Popen

import pytest
from manifests import rows_of
from PIL import Image
from scraping import QUICK, Scrape, asked
from sites.server import Answer, Request, Sites
from sites.shops import ITEMS, Item, Shop
from sites.shops_aboutyou import AboutYou
from sites.shops_fashionid import FashionId
from sites.shops_generic import GraphShop, LdShop, MicrodataShop, NextShop
from sites.shops_zalando import Zalando, ZalandoCache, ZalandoProps

Run = Callable[..., CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]
Start = Callable[..., Popen[str]]
Wait = Callable[[Callable[[], bool]], None]
RED = ("--category", "dresses", "--color", "red")
KNOWN = (Zalando, ZalandoProps, ZalandoCache, AboutYou, FashionId)
GENERIC = (LdShop, NextShop, GraphShop, MicrodataShop)
DRESSES = [item for item in ITEMS if item.category == "dresses"]


def photos_of(shop: Shop, items: list[Item]) -> int:
    return sum(len(shop.photos(item)) for item in items)


@pytest.mark.parametrize("kind", KNOWN)
def test_a_shop_that_we_know_by_its_name(scrape_shop: Scrape, tmp_path: Path, kind: type[Shop]) -> None:
    shop = kind()
    name = shop.HOST.split(".")[-2]
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", name, *RED)
        pages = [path for path in asked(sites, shop.HOST) if "p=" not in path and "page=" not in path]
        assert len(pages) == len(set(pages)), "no page of a product is asked for twice"
    assert (scraped.code, scraped.errors) == (0, [""] * len(scraped.rows))
    items = [item for item in DRESSES if item.color == "red"]
    assert len(scraped.rows) == photos_of(shop, items)
    assert len({row["group"] for row in scraped.rows}) == len(items)
    for row in scraped.rows:
        assert (row["category"], row["color"]) == ("dresses", "red")
        assert row["group"].startswith(f"{name}:")
        assert row["brand"] and row["name"].startswith("Jerseykleid")
        assert "Material Oberstoff: 98% Baumwolle, 2% Elasthan" in row["attributes"]
        assert row["page"].startswith(f"https://{shop.HOST}/")
        with Image.open(scraped.folder / row["path"]) as photo:
            assert photo.size == (int(row["width"]), int(row["height"]))
    views = Counter(row["view"] for row in scraped.rows)
    assert views["product"] == len(items)
    assert views["model"] == sum(item.worn for item in items)


@pytest.mark.parametrize("kind", GENERIC)
def test_any_shop_by_the_url_of_a_list(scrape_shop: Scrape, tmp_path: Path, kind: type[Shop]) -> None:
    shop = kind()
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", f"https://{shop.HOST}/women/dresses")
    assert scraped.code == 0, scraped.stderr
    assert len(scraped.rows) == photos_of(shop, DRESSES)
    assert {row["name"] for row in scraped.rows} == {item.name for item in DRESSES}
    assert {row["price"] for row in scraped.rows} == {item.price for item in DRESSES}
    assert {row["currency"] for row in scraped.rows} == {"EUR"}


def test_one_product_by_its_url(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = LdShop()
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", shop.url(ITEMS[0]))
    assert {row["name"] for row in scraped.rows} == {ITEMS[0].name}
    assert len(scraped.rows) == len(shop.photos(ITEMS[0]))


def test_data_csv_as_the_thesis_had_it(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = FashionId()
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", "fashionid", "--category", "dresses", "--csv", "thesis")
    with open(scraped.folder / "data.csv", encoding="utf-8", newline="") as stream:
        table = list(csv.DictReader(stream, delimiter=";"))
    assert len(table) == len(DRESSES)
    packshots = {row["path"]: row for row in scraped.rows if row["view"] == "product"}
    assert {row["img_path"] for row in table} == set(packshots)
    for row in table:
        assert row["img_path"].startswith("dresses/")
        assert (scraped.folder / row["img_path"]).is_file()
        assert row["id"] == packshots[row["img_path"]]["group"].partition(":")[2]
    worn = [row["path"] for row in scraped.rows if row["view"] == "model"]
    assert {path.partition("@")[0] for path in worn} <= {path.partition(".jpg")[0] for path in packshots}
    assert all(path.resolve().is_relative_to(scraped.folder) for path in scraped.folder.rglob("*"))


def test_two_shops_with_the_same_numbers_keep_their_photos_apart(scrape_shop: Scrape, tmp_path: Path) -> None:
    """Both call their dresses by the same numbers; each photo shows what its own shop has."""
    shops = Numbered(DRESSES[:2]), Other(DRESSES[:2])
    urls = [f"https://{shop.HOST}/women/dresses" for shop in shops]
    with Sites(*(site for shop in shops for site in shop.sites)) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", *urls, "--csv", "thesis")
    assert scraped.code == 0
    files = [row["path"] for row in scraped.rows]
    assert len(set(files)) == len(files) == sum(photos_of(shop, DRESSES[:2]) for shop in shops)


class Numbered(LdShop):
    HOST, PHOTO_HOSTS = "www.one.example", ("photos.one.example",)


class Other(LdShop):
    HOST, PHOTO_HOSTS = "www.two.example", ("photos.two.example",)


def test_a_second_run_asks_nobody_and_changes_nothing(scrape_shop: Scrape, tree: Tree, tmp_path: Path) -> None:
    shop = Zalando()
    words = ("zalando", "--category", "dresses", "--csv", "thesis")
    with Sites(*shop.sites) as sites:
        scrape_shop(sites, tmp_path / "shop", *words)
        before = tree(tmp_path / "shop")
        count = len(sites.requests)
        again = scrape_shop(sites, tmp_path / "shop", *words)
        assert len(sites.requests) == count
    assert tree(tmp_path / "shop") == before
    assert f"0 fetched, {len(again.rows)} already here" in again.stderr


def test_killed_at_any_moment_it_goes_on(
    scrape_shop: Scrape, start: Start, wait_for: Wait, tree: Tree, tmp_path: Path
) -> None:
    shop = Zalando()
    words = ("zalando", "--category", "dresses", "--csv", "thesis")
    moments, kills = random.Random(4), 5
    with Sites(*shop.sites) as sites:
        scrape_shop(sites, tmp_path / "whole", *words)
    with Sites(*shop.sites) as sites:
        folder = tmp_path / "shop"
        for _ in range(kills):
            count = len(sites.requests) + moments.randrange(3, 12)
            command = start("scrape", "shop", *words, "-o", folder, *QUICK, "--delay", "0.02", *sites.flags)
            wait_for(lambda command=command, count=count: command.poll() is not None or len(sites.requests) >= count)
            time.sleep(moments.uniform(0, 0.05))
            command.kill()
            command.wait()
        scrape_shop(sites, folder, *words)
        pages = Counter(path for path in asked(sites, shop.HOST) if path.endswith(".html"))
    assert tree(folder) == tree(tmp_path / "whole")
    assert pages.total() - len(pages) <= kills, "only the page under way when a run was killed is asked for again"


def test_update_fetches_what_is_new(scrape_shop: Scrape, tmp_path: Path) -> None:
    url = f"https://{LdShop.HOST}/women/dresses"
    old = LdShop(DRESSES[3:])
    with Sites(*old.sites) as sites:
        before = scrape_shop(sites, tmp_path / "shop", url)
    new = LdShop(DRESSES)
    with Sites(*new.sites) as sites:
        after = scrape_shop(sites, tmp_path / "shop", url, "--update", "--known", "2")
        products = [path for path in asked(sites, new.HOST) if path.startswith("/p/")]
    assert len(products) == 3
    assert after.rows[: len(before.rows)] == before.rows
    assert {row["name"] for row in after.rows} == {item.name for item in DRESSES}


def test_a_product_in_two_lists_has_its_photos_once(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = LdShop()
    lists = [f"https://{shop.HOST}/women/dresses", f"https://{shop.HOST}/women/dresses?page=2"]
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", *lists)
    assert len(scraped.rows) == photos_of(shop, DRESSES)


def test_list_fetches_no_photo_and_writes_nothing(run: Run, tmp_path: Path) -> None:
    shop = LdShop()
    with Sites(*shop.sites) as sites:
        url = f"https://{shop.HOST}/women/dresses"
        done = run("scrape", "shop", url, "--list", "--limit", "2", *QUICK, *sites.flags, cwd=tmp_path)
        assert {request.host for request in sites.requests} == {shop.HOST}
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert done.returncode == 0, done.stderr
    assert len({row["group"] for row in rows}) == 2
    assert all(row["path"] == "" and row["source"].startswith("https://") for row in rows)
    assert list(tmp_path.iterdir()) == []


class Breaking(LdShop):
    """One of its products is gone, another one has no product on its page."""

    def answer(self, request: Request) -> Answer:
        if request.path == "/p/100" and not self.whole:
            return Answer(status=404)
        if request.path == "/p/101" and not self.whole:
            return Answer(body=b"<title>Sorry</title>", headers={"Content-Type": "text/html"})
        return super().answer(request)

    whole = False


def test_a_product_that_is_gone_is_a_bad_row_and_can_be_tried_again(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = Breaking()
    url = f"https://{shop.HOST}/women/dresses"
    with Sites(*shop.sites) as sites:
        scraped = scrape_shop(sites, tmp_path / "shop", url)
        bad = {row["page"].rpartition("/")[2]: row["error"] for row in scraped.rows if row["status"] == "failed"}
        assert bad == {"100": "HTTP 404", "101": "no product on this page"}
        assert photos_of(shop, DRESSES[2:]) == len(scraped.rows) - 2
        shop.whole = True
        again = scrape_shop(sites, tmp_path / "shop", url, "--retry-failed")
    assert [row["error"] for row in again.rows if row["error"]] == []
    assert len(again.rows) == photos_of(shop, DRESSES)


HALT = Answer(status=403, body=json.dumps({"edge_error": "halt"}).encode())


def test_a_challenge_ends_the_run_and_keeps_what_there_is(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = Zalando()
    with Sites(*shop.sites) as sites:
        kept = scrape_shop(sites, tmp_path / "shop", "zalando", *RED, "--limit", "2")
        shop.guard = HALT
        before = len(sites.requests)
        refused = scrape_shop(sites, tmp_path / "shop", "zalando", *RED)
        assert refused.code == 4
        assert "refuses its pages to programs" in refused.stderr and "is kept" in refused.stderr
        assert refused.rows == kept.rows, "what there is can be used"
        assert len(sites.requests) - before <= 2, "it is not argued with"
        assert all((kept.folder / row["path"]).is_file() for row in kept.rows)
        shop.guard = None
        whole = scrape_shop(sites, tmp_path / "shop", "zalando", *RED)
    assert len(whole.rows) > len(kept.rows)
    assert (whole.code, whole.errors) == (0, [""] * len(whole.rows))


def test_robots_txt_is_obeyed(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = LdShop(robots=Answer(body=b"User-agent: *\nDisallow: /women"))
    url = f"https://{shop.HOST}/women/dresses"
    with Sites(*shop.sites) as sites:
        refused = scrape_shop(sites, tmp_path / "shop", url)
        assert asked(sites, shop.HOST) == []
        assert refused.code == 4
        assert "robots.txt" in refused.stderr and "--ignore-robots" in refused.stderr
        assert scrape_shop(sites, tmp_path / "shop", url, "--ignore-robots").code == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no shop"),
        (("zalndo",), "zalando"),
        (("zalando", "--category", "dress"), "dresses"),
        (("zalando", "--color", "mauve"), "no color 'mauve'"),
        (("zalando", "--department", "dogs"), "women"),
        (("https://",), "not a URL"),
        (("https://me:hunter2@a.example/x",), "https://***@a.example/x"),
        (("zalando", "--list", "--csv", "thesis"), "--list"),
    ],
)
def test_what_is_no_shop_and_what_it_does_not_have(run: Run, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    done = run("scrape", "shop", *words, "-o", tmp_path / "shop")
    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "shop").exists()


def test_overwrite_takes_nothing_away_where_nothing_can_be_had(scrape_shop: Scrape, tmp_path: Path) -> None:
    shop = LdShop()
    url = f"https://{shop.HOST}/women/dresses"
    with Sites(*shop.sites) as sites:
        kept = scrape_shop(sites, tmp_path / "shop", url)
        shop.robots = Answer(body=b"User-agent: *\nDisallow: /")
        refused = scrape_shop(sites, tmp_path / "shop", url, "--overwrite")
    assert refused.code == 4
    assert refused.rows == kept.rows
    assert all((kept.folder / row["path"]).is_file() for row in kept.rows)


def test_a_page_without_products_is_told(scrape_shop: Scrape, tmp_path: Path) -> None:
    with Sites(*LdShop().sites) as sites:
        done = scrape_shop(sites, tmp_path / "shop", f"https://{LdShop.HOST}/nowhere")
        assert done.code == 4
        assert "no product there" in done.stderr
        count = len(sites.requests)
        assert scrape_shop(sites, tmp_path / "shop", f"https://{LdShop.HOST}/nowhere").code == 4
        assert len(sites.requests) > count, "it is no empty list, and is asked for again"


def test_the_first_photo_is_out_before_the_last_product_is_asked_for(start: Start, tmp_path: Path) -> None:
    shop = LdShop()
    with Sites(*shop.sites) as sites:
        words = ("scrape", "shop", f"https://{shop.HOST}/women/dresses", "-o", tmp_path / "shop")
        command = start(*words, "--delay", "0.3", *sites.flags)
        assert command.stdout is not None
        command.stdout.readline()
        assert command.stdout.readline().startswith(str(tmp_path / "shop"))
        assert len([path for path in asked(sites, shop.HOST) if path.startswith("/p/")]) < len(DRESSES)
        command.stdout.close()
        command.wait(timeout=60)
    again = rows_of(tmp_path / "shop") if (tmp_path / "shop" / "manifest.csv").exists() else []
    assert len(again) < photos_of(shop, DRESSES)
