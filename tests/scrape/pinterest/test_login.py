"""Signing in: it works in all ways that are offered, each refusal ends in one line, and the password is nowhere."""

import os
import pty
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from pinning import IMAGES, SOON, WWW, below, boards, environment_of, found_in, photos_of, words_of
from scraping import Scraped
from sites.images import Pinimg
from sites.pinterest import Account, Pinterest, drawn_board, signatures_of
from sites.server import Sites

ScrapePins = Callable[..., Scraped]
USER, PASSWORD = "anna@example.org", "correct horse; battery \U0001f434 st\u00e4ple"
WRONG = "wrong-and-nowhere-to-be-found"
BOARD = replace(drawn_board("/anna/members/", 12, **SOON), members_only=True)
ACCOUNTS = (
    Account(USER, PASSWORD),
    Account("factor@example.org", PASSWORD, second_factor="123456"),
    Account("robot@example.org", PASSWORD, captcha=True),
)


@contextmanager
def served(**settings: object) -> Iterator[tuple[Sites, Pinterest]]:
    site = Pinterest([BOARD], accounts=ACCOUNTS, **settings)
    with Sites(site, Pinimg(signatures_of([BOARD]))) as sites:
        yield sites, site


def env_of(user: str = USER, password: str = PASSWORD) -> dict[str, str]:
    return {"PINTEREST_USER": user, "PINTEREST_PASSWORD": password}


def tries(sites: Sites) -> int:
    """How often somebody tried to log in."""
    return len([request for request in sites.of(WWW) if request.method == "POST"])


def holding(place: Path, secret: str) -> list[Path]:
    """The files below a folder in which a text stands, in UTF-8 or UTF-16, or escaped as in JSON or in URLs."""
    forms = (
        secret.encode(),
        secret.encode("utf-16-le"),
        secret.encode("unicode_escape"),
        b"battery%20",
        b"battery+%F0",
    )
    found = [path for path in place.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in found if any(form in path.read_bytes() for form in forms)]


@dataclass
class Entered:
    """A run that signed in, and what could be seen meanwhile of the processes that it started."""

    scraped: Scraped
    again: Scraped
    profile: Path
    tries: list[int]
    words: set[str]
    environments: set[bytes]
    cookies_to_images: list[str]


class Watch:
    """Looks at the processes below this one again and again, in a thread."""

    def __init__(self) -> None:
        self.words: set[str] = set()
        self.environments: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._over.wait(0.02):
            for process in below(os.getpid()):
                words = words_of(process)
                self.words.update(words)
                if "fashiontools" not in words:  # the command itself was given it so
                    self.environments.add(environment_of(process))

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


@pytest.fixture(scope="module")
def entered(scrape_pins: ScrapePins, tmp_path_factory: pytest.TempPathFactory) -> Entered:
    """Two runs with one profile: the first signs in, the second still is."""
    place = tmp_path_factory.mktemp("entered")
    profile = place / "profile"
    flags = (*boards(BOARD), "--login", "env", "--profile", profile, "--verbose")
    with served() as (sites, _):
        with Watch() as watch:
            scraped = scrape_pins(sites, place / "raw", *flags, env=env_of())
        count = [tries(sites)]
        again = scrape_pins(sites, place / "again", *flags, env=env_of())
        count.append(tries(sites))
        cookies = [request.path for request in sites.of(IMAGES) if "cookie" in request.headers]
    return Entered(scraped, again, profile, count, watch.words, watch.environments, cookies)


def test_members_see_what_others_do_not(entered: Entered) -> None:
    assert entered.scraped.code == 0, entered.scraped.stderr
    assert found_in(entered.scraped.rows) == photos_of(BOARD)


def test_the_profile_keeps_it_and_nobody_logs_in_twice(entered: Entered) -> None:
    assert entered.again.code == 0, entered.again.stderr
    assert found_in(entered.again.rows) == photos_of(BOARD)
    assert entered.tries == [1, 1]
    assert entered.profile.stat().st_mode & 0o077 == 0


def test_the_password_is_in_no_file(entered: Entered) -> None:
    assert entered.profile.is_dir() and len([*entered.profile.rglob("*")]) > 20
    assert holding(entered.profile.parent, PASSWORD) == []


def test_the_password_is_in_no_command_line_and_in_no_environment(entered: Entered) -> None:
    assert any("chromedriver" in word for word in entered.words)
    assert any(word.startswith("--user-data-dir=") for word in entered.words)
    assert not any(PASSWORD in word or USER in word for word in entered.words)
    assert len(entered.environments) > 1
    assert not any(PASSWORD.encode() in environment for environment in entered.environments)


def test_the_password_is_in_nothing_that_is_said(entered: Entered) -> None:
    for run in (entered.scraped, entered.again):
        assert PASSWORD not in run.stdout + run.stderr
        assert "battery" not in run.stdout + run.stderr


def test_the_host_of_images_gets_no_cookie_of_a_member(entered: Entered) -> None:
    assert entered.cookies_to_images == []


def test_the_browser_can_reach_nothing_but_the_copy(entered: Entered) -> None:
    (rules,) = {word for word in entered.words if word.startswith("--host-resolver-rules=")}
    assert ", MAP * ~NOTFOUND, EXCLUDE 127.0.0.1" in rules
    maps = rules.removeprefix("--host-resolver-rules=").split(", ")[:-2]
    assert {rule.split()[1] for rule in maps} == {"www.pinterest.com:443", "i.pinimg.com:443"}
    assert all(rule.split()[2].startswith("127.0.0.1:") for rule in maps)
    assert "--no-proxy-server" in entered.words


def test_the_other_form_and_a_file(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    file = tmp_path / "login.txt"
    file.write_text(f"{USER}\n{PASSWORD}\n", encoding="utf-8")
    file.chmod(0o600)
    with served(login_form="input") as (sites, site):
        flags = (*boards(BOARD), "--login", file, "--profile", tmp_path / "profile")
        scraped = scrape_pins(sites, tmp_path / "raw", *flags)
        assert list(site.door.sessions.values()) == [USER]
    assert scraped.code == 0, scraped.stderr
    assert found_in(scraped.rows) == photos_of(BOARD)
    assert holding(tmp_path / "raw", PASSWORD) == holding(tmp_path / "profile", PASSWORD) == []


def test_asked_for_on_a_terminal_it_is_not_shown(
    start: Callable[..., object], browser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    password = "typed-by-hand"
    site = Pinterest([BOARD], accounts=[Account(USER, password)])
    with Sites(site, Pinimg(signatures_of([BOARD]))) as sites:
        ours, theirs = pty.openpty()
        flags = ("--login", "ask", "--profile", tmp_path / "profile", "--delay", "0.001", "--limit", "2")
        words = ("scrape", "pinterest", *boards(BOARD), "-o", tmp_path / "raw", *flags, *sites.flags)
        command = start(*words, stdin=theirs, stdout=theirs, stderr=theirs)
        os.close(theirs)
        said = until(ours, b"(e-mail): ")
        os.write(ours, f"{USER}\n".encode())
        said += until(ours, b"password: ")
        os.write(ours, f"{password}\n".encode())
        said += until(ours, b"")
        assert command.wait() == 0, said
        os.close(ours)
    assert password.encode() not in said
    assert list(site.door.sessions.values()) == [USER]
    assert len([*(tmp_path / "raw").glob("pinterest_*")]) == 2


def until(terminal: int, mark: bytes) -> bytes:
    """What is said on a terminal up to a text, or to the end where it is empty."""
    said = b""
    by = time.monotonic() + 60
    while not mark or mark not in said:
        assert time.monotonic() < by, said
        try:
            said += os.read(terminal, 4096)
        except OSError:  # the other end is closed
            assert not mark, said
            break
    return said


@pytest.mark.parametrize(
    ("user", "password", "told"),
    [
        (USER, WRONG, "Pinterest says that user or password are wrong"),
        ("nobody@example.org", WRONG, "Pinterest says that user or password are wrong"),
        ("robot@example.org", PASSWORD, "Pinterest wants a CAPTCHA solved before the login"),
        ("factor@example.org", PASSWORD, "Pinterest wants a second factor for the login"),
    ],
)
def test_who_is_not_let_in_is_told_so_and_nothing_is_tried_again(
    scrape_pins: ScrapePins, tmp_path: Path, user: str, password: str, told: str
) -> None:
    with served() as (sites, _):
        flags = (*boards(BOARD), "--login", "env", "--profile", tmp_path / "profile", "--verbose")
        scraped = scrape_pins(sites, tmp_path / "raw", *flags, env=env_of(user, password))
        assert tries(sites) == 1
        assert BOARD.path not in {request.path for request in sites.requests}
    assert scraped.code == 4
    lines = scraped.stderr.splitlines()
    assert lines[-1].startswith(f"fashiontools: {told}")
    assert len([line for line in lines if told in line]) == 1
    assert password not in scraped.stdout + scraped.stderr
    assert holding(tmp_path, password) == []


@pytest.mark.slow
def test_after_too_many_tries_it_is_left_alone_and_what_was_fetched_is_kept(
    scrape_pins: ScrapePins, tmp_path: Path
) -> None:
    open_board = drawn_board("/anna/open/", 6, **SOON)
    site = Pinterest([open_board], accounts=ACCOUNTS)
    with Sites(site, Pinimg(signatures_of([open_board]))) as sites:
        first = scrape_pins(sites, tmp_path / "raw", *boards(open_board), "--limit", "3")
        kept = first.rows
        site.door._failed[USER] = 3  # as after three wrong passwords
        flags = (*boards(open_board), "--login", "env", "--profile", tmp_path / "profile")
        refused = scrape_pins(sites, tmp_path / "raw", *flags, env=env_of())
        assert tries(sites) == 1
    assert len(kept) == 3
    assert refused.code == 4
    assert "Pinterest refuses further logins for now (wait an hour" in refused.stderr.splitlines()[-1]
    assert refused.rows == kept


@pytest.mark.parametrize(
    ("mode", "text", "told"),
    [
        (0o644, f"{USER}\n{PASSWORD}\n", "others can read it: chmod 600"),
        (0o600, f"{USER}\n", "expected the user on the first line and the password on the second"),
        (0o600, None, "No such file or directory"),
    ],
)
def test_a_file_that_will_not_do(
    scrape_pins: ScrapePins, tmp_path: Path, mode: int, text: str | None, told: str
) -> None:
    file = tmp_path / "login.txt"
    if text is not None:
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
    with served() as (sites, _):
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--login", file)
        assert sites.requests == []
    assert scraped.code == 2
    assert told in scraped.stderr
    assert len(scraped.stderr.splitlines()) == 1
    assert PASSWORD not in scraped.stderr


@pytest.mark.parametrize("where", ["env", "ask"])
def test_where_there_is_nothing_to_read(scrape_pins: ScrapePins, tmp_path: Path, where: str) -> None:
    with served() as (sites, _):
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD), "--login", where)
        assert sites.requests == []
    assert scraped.code == 2
    assert f"--login {where}" in scraped.stderr


def test_without_a_login_a_board_for_members_is_not_had(scrape_pins: ScrapePins, tmp_path: Path) -> None:
    with served() as (sites, _):
        scraped = scrape_pins(sites, tmp_path / "raw", *boards(BOARD))
        assert sites.of(IMAGES) == []
    assert scraped.code == 4
    told = "fashiontools: https://www.pinterest.com/anna/members/ is for members alone (--login, "
    assert scraped.stderr.splitlines()[-1].startswith(told)
