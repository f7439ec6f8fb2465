"""robots.txt: what it allows, what it refuses, and that it is asked first."""

import itertools
from pathlib import Path

import pytest
from scraping import Answering, Scrape, asked
from sites.images import ImageHost
from sites.server import Answer, Request, Sites

LONGEST = b"User-agent: *\nDisallow: /\nAllow: /ok/\nDisallow: /ok/private/\n"
WILDCARD = b"User-agent: *\nDisallow: /*.png$\nDisallow: /*secret\n"
FOR_US = b"User-agent: *\nDisallow: /\n\nUser-agent: fashiontools\nDisallow: /ok/b\n"
FOR_OTHERS = b"User-agent: otherbot\nDisallow: /\n"
TWO_GROUPS = b"User-agent: *\nDisallow: /ok/a\n\nUser-agent: *\nDisallow: /ok/b\n"
WITH_BOM = b"\xef\xbb\xbfUser-agent: *\nDisallow: /\n"
CASES = {
    "allowed": (Answer(body=b"User-agent: *\nAllow: /\n"), ["/ok/a.jpg", "/ok/b.jpg"]),
    "refused": (Answer(body=b"User-agent: *\nDisallow: /\n"), []),
    "longest-match": (Answer(body=LONGEST), ["/ok/a.jpg", "/ok/b.jpg"]),
    "first-is-not-longest": (Answer(body=b"User-agent: *\nAllow: /\nDisallow: /ok/b\n"), ["/ok/a.jpg"]),
    "wildcard": (Answer(body=WILDCARD), ["/ok/a.jpg", "/ok/b.jpg"]),
    "for-us": (Answer(body=FOR_US), ["/ok/a.jpg"]),
    "for-others": (Answer(body=FOR_OTHERS), ["/ok/a.jpg", "/ok/b.jpg"]),
    "two-groups": (Answer(body=TWO_GROUPS), []),
    "byte-order-mark": (Answer(body=WITH_BOM), []),
    "empty": (Answer(body=b""), ["/ok/a.jpg", "/ok/b.jpg"]),
    "not-found": (Answer(status=404), ["/ok/a.jpg", "/ok/b.jpg"]),
    "forbidden": (Answer(status=403), ["/ok/a.jpg", "/ok/b.jpg"]),
    "in-trouble": (Answer(status=503), []),
    "busy": (Answer(status=429), []),
    "broken": (Answer(reset=True), []),
    "too-slow-for-us": (Answer(body=b"User-agent: *\nCrawl-delay: 86400\n"), []),
    "endless": (Answer(body=b"User-agent: *\nAllow: /\n" + b"#" * (2 << 20)), []),
}
REASONS = {
    "in-trouble": "robots.txt of in-trouble.example cannot be had, so nothing is fetched: HTTP 503",
    "busy": "HTTP 429",
    "broken": "breaks off",
    "too-slow-for-us": "pauses of more than 120 s (--max-wait)",
    "endless": "cannot be had",
}


def test_what_is_refused_is_not_asked_for(scrape: Scrape, tmp_path: Path) -> None:
    hosts = {case: ImageHost(f"{case}.example", robots) for case, (robots, _) in CASES.items()}
    urls = [host.url("ok", name) for host in hosts.values() for name in ("a", "b")]
    with Sites(*hosts.values()) as sites:
        scraped = scrape(sites, tmp_path / "photos", urls, "--workers", "8")
        for case, (_, allowed) in CASES.items():
            requests = sites.of(f"{case}.example")
            assert requests[0].path == "/robots.txt", case
            assert [request.path for request in requests].count("/robots.txt") == 1, case
            assert sorted(asked(sites, f"{case}.example")) == allowed, case
            rows = [row for row in scraped.rows if f"//{case}.example/" in row["source"]]
            for row in rows:
                refused = not any(row["source"].endswith(path) for path in allowed)
                assert (row["status"] == "failed") == refused, row
                assert (REASONS.get(case, "--ignore-robots") in row["error"]) == refused, row


def test_patterns_in_paths_and_queries(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost(robots=Answer(body=WILDCARD))
    png = host.url("ok", "a", "png")
    with Sites(host) as sites:
        urls = [png, host.url("ok", "a"), png + "?width=9", host.url("ok", "secret")]
        scraped = scrape(sites, tmp_path / "photos", urls)
    assert [row["status"] for row in scraped.rows] == ["failed", "ok", "ok", "failed"]


def test_who_ignores_robots_says_so(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost(robots=Answer(body=b"User-agent: *\nDisallow: /\n"))
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", [host.url("ok", "a")], "--ignore-robots")
        assert [request.path for request in sites.requests] == ["/ok/a.jpg"]
    assert scraped.errors == [""]


def test_a_robots_txt_in_trouble_is_asked_again(scrape: Scrape, tmp_path: Path) -> None:
    class Recovers(ImageHost):
        @property
        def robots(self) -> Answer:
            self.times = getattr(self, "times", 0) + 1
            return Answer(status=503) if self.times == 1 else Answer(body=b"User-agent: *\nDisallow: /ok/b\n")

        @robots.setter
        def robots(self, answer: Answer) -> None: ...

    host = Recovers()
    with Sites(host) as sites:
        scraped = scrape(sites, tmp_path / "photos", [host.url("ok", "a"), host.url("ok", "b")], "--retries", "1")
        assert [request.path for request in sites.requests] == ["/robots.txt", "/robots.txt", "/ok/a.jpg"]
    assert [row["status"] for row in scraped.rows] == ["ok", "failed"]


@pytest.mark.parametrize(("rule", "refuses"), [(b"Disallow: /ok/", True), (b"Disallow: /other/", False)])
def test_a_redirect_asks_the_other_host_first(scrape: Scrape, tmp_path: Path, rule: bytes, refuses: bool) -> None:
    there = ImageHost("there.example", Answer(body=b"User-agent: *\n" + rule))
    here = Answering("here.example", lambda request: Answer(status=302, headers={"Location": there.url("ok", "a")}))
    with Sites(here, there) as sites:
        scraped = scrape(sites, tmp_path / "photos", [f"https://here.example/{name}.jpg" for name in "ab"])
        assert [request.path for request in sites.of(there.host)][:1] == ["/robots.txt"]
        assert asked(sites, there.host) == ([] if refuses else ["/ok/a.jpg"] * 2)
    assert [row["status"] for row in scraped.rows] == ["failed" if refuses else "ok"] * 2
    assert not refuses or "there.example refuses" in scraped.errors[0]


def test_robots_txt_may_have_moved(scrape: Scrape, tmp_path: Path) -> None:
    rules = Answer(body=b"User-agent: *\nDisallow: /ok/b\n")
    there = Answering("there.example", lambda request: rules)
    moved = ImageHost("moved.example", Answer(status=301, headers={"Location": "https://there.example/rules"}))
    inside = ImageHost("inside.example", Answer(status=301, headers={"Location": "https://10.0.0.1/robots.txt"}))
    with Sites(moved, there, inside) as sites:
        urls = [moved.url("ok", "a"), moved.url("ok", "b"), inside.url("ok", "a")]
        scraped = scrape(sites, tmp_path / "photos", urls)
    assert [row["status"] for row in scraped.rows] == ["ok", "failed", "failed"]
    assert "10.0.0.1 is a private address" in scraped.errors[2]


def test_a_crawl_delay_is_kept(scrape: Scrape, tmp_path: Path) -> None:
    slow = ImageHost("slow.example", Answer(body=b"User-agent: *\nCrawl-delay: 0.5\n"))
    ours = ImageHost(
        "ours.example", Answer(body=b"User-agent: *\nCrawl-delay: 90\n\nUser-agent: fashiontools\nAllow: /\n")
    )
    with Sites(slow, ours) as sites:
        scraped = scrape(sites, tmp_path / "photos", [host.url("ok", name) for name in "abc" for host in (slow, ours)])
        requests = [request for request in sites.of(slow.host) if request.path != "/robots.txt"]
    assert set(scraped.errors) == {""}
    gaps = [after.began - before.ended for before, after in itertools.pairwise(requests)]
    assert len(gaps) == 2
    assert min(gaps) >= 0.5


def test_each_origin_has_its_own_robots_txt(scrape: Scrape, tmp_path: Path) -> None:
    host = ImageHost()
    with Sites(host) as sites:
        urls = [
            f"http://{host.host}/ok/a.jpg",
            host.url("ok", "b"),
            host.url("ok", "c"),
            f"http://{host.host}/ok/d.jpg",
        ]
        scraped = scrape(sites, tmp_path / "photos", urls, "--allow-http", *sites.plain_flags)

        def first(request: Request) -> bool:
            return request.path == "/robots.txt"

        assert sorted(request.scheme for request in filter(first, sites.requests)) == ["http", "https"]
    assert scraped.errors == [""] * 4
