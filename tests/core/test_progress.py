"""Progress on standard error: what is said, how often, and when nothing is."""

import pytest

from fashiontools.core.progress import Progress

Said = pytest.CaptureFixture[str]


def say_everything(progress: Progress) -> None:
    progress.note("a note")
    progress.detail("a detail")
    progress._next = 0.0  # a minute is over
    progress.line("a line")
    progress.clear()


@pytest.mark.parametrize(
    ("settings", "lines"),
    [
        ({}, ["x: a note", "x: a line"]),
        ({"verbose": True}, ["x: a note", "x: a detail", "x: a line"]),
        ({"quiet": True}, []),
        ({"quiet": True, "verbose": True}, []),
    ],
)
def test_how_much_is_said(capsys: Said, settings: dict[str, bool], lines: list[str]) -> None:
    say_everything(Progress("x", **settings))
    assert capsys.readouterr() == ("", "".join(f"{line}\n" for line in lines))


def test_silence_is_from_then_on(capsys: Said) -> None:
    progress = Progress("x", verbose=True)
    progress.note("before")
    progress.silence()
    say_everything(progress)
    assert list(progress.track(iter("abc"))) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "x: before\n")


def test_a_line_comes_once_a_minute_where_there_is_no_terminal(capsys: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("fashiontools.core.progress.time.monotonic", lambda: now[0])
    progress = Progress("x")
    for second in range(200):
        now[0] = 1000.0 + second
        progress.line(f"after {second} s")
    assert capsys.readouterr().err == "".join(f"x: after {second} s\n" for second in (60, 120, 180))
