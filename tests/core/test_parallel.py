"""The map over rows: ordered, in windows that grow to a bound, and unmoved by bad rows and by workers that die."""

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from fashiontools.core.errors import BadRow
from fashiontools.core.parallel import LARGEST_WINDOW, map_ahead, map_window, usable_cores, windows

EVERY_WAY = pytest.mark.parametrize(
    ("workers", "processes"), [(1, False), (2, False), (4, False), (1, True), (2, True)]
)


# What the worker processes run stands here, at the top of the file: they import it.
def tenfold(number: int) -> int:
    return 10 * number


def tenfold_but_not_three(number: int) -> int:
    if number == 3:
        raise BadRow("three is bad", "leave it out")
    return 10 * number


def tenfold_but_a_bug_at_three(number: int) -> int:
    if number == 3:
        raise ZeroDivisionError("a bug")
    return 10 * number


def tenfold_but_dead_at_three(number: int) -> int:
    if number == 3:
        os._exit(9)
    return 10 * number


def later_is_faster(number: int) -> int:
    time.sleep((4 - number) * 0.02)
    return 10 * number


def begin_and_end(_: int) -> tuple[float, float]:
    begin = time.monotonic()
    time.sleep(0.05)
    return begin, time.monotonic()


def test_windows_grow_and_are_bounded() -> None:
    sizes = [len(window) for window in windows(range(2000))]
    assert sizes[:8] == [2, 4, 8, 16, 32, 64, 128, 256]
    assert max(sizes) == LARGEST_WINDOW
    assert [item for window in windows(range(2000)) for item in window] == list(range(2000))


def test_the_bound_of_windows_can_be_lower() -> None:
    assert [len(window) for window in windows(range(30), 8)] == [2, 4, 8, 8, 8]


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5])
def test_the_last_window_is_what_is_left(count: int) -> None:
    assert [item for window in windows(range(count)) for item in window] == list(range(count))


def test_windows_read_no_further_than_they_are_asked() -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(10**9):
            taken.append(number)
            yield number

    stream = windows(source())
    next(stream)
    next(stream)
    assert len(taken) == 2 + 4
    stream.close()


@EVERY_WAY
def test_results_come_in_order_whatever_the_workers(workers: int, processes: bool) -> None:
    found = map_window(later_is_faster, [0, 1, 2, 3, 4], workers=workers, processes=processes)
    assert found == [0, 10, 20, 30, 40]


@EVERY_WAY
def test_a_bad_row_takes_the_place_of_its_result(workers: int, processes: bool) -> None:
    found = map_window(tenfold_but_not_three, [1, 2, 3, 4], workers=workers, processes=processes)
    assert [found[0], found[1], found[3]] == [10, 20, 40]
    assert isinstance(found[2], BadRow)
    assert str(found[2]) == "three is bad (leave it out)"


@EVERY_WAY
def test_a_bug_ends_the_window(workers: int, processes: bool) -> None:
    with pytest.raises(ZeroDivisionError, match="a bug"):
        map_window(tenfold_but_a_bug_at_three, [1, 2, 3, 4], workers=workers, processes=processes)


@EVERY_WAY
def test_no_rows_are_no_work(workers: int, processes: bool) -> None:
    assert map_window(tenfold, [], workers=workers, processes=processes) == []


def test_threads_run_at_the_same_time() -> None:
    barrier = threading.Barrier(2, timeout=10)
    map_window(lambda _: barrier.wait(), [1, 2], workers=2)


@pytest.mark.parametrize("processes", [False, True])
def test_one_worker_does_one_row_after_the_other(processes: bool) -> None:
    times = map_window(begin_and_end, [1, 2, 3, 4], workers=1, processes=processes)
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(times))


def test_a_stopped_window_leaves_no_thread_at_work() -> None:
    """A program that ends while a thread of it is in OpenCV is aborted, whatever its exit code should be."""
    begun: list[int] = []
    ended: list[int] = []

    def work(number: int) -> None:
        if number == 1:
            raise ZeroDivisionError
        begun.append(number)
        time.sleep(0.1)
        ended.append(number)

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        map_window(work, list(range(100)), workers=2)
    assert threading.active_count() == before
    assert sorted(begun) == sorted(ended)
    assert len(begun) < 20


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_mapping_ahead_is_in_order_and_bounded(workers: int) -> None:
    taken: list[int] = []

    def source() -> Iterator[int]:
        for number in range(10**9):
            taken.append(number)
            yield number

    before = threading.active_count()
    results = map_ahead(lambda number: (time.sleep(0.01 / (1 + number)), number)[1], source(), workers=workers)
    assert list(itertools.islice(results, 20)) == list(range(20))
    assert len(taken) <= 20 + 2 * workers
    results.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("workers", [1, 2])
def test_a_bug_ends_the_mapping_ahead(workers: int) -> None:
    with pytest.raises(ZeroDivisionError, match="a bug"):
        list(map_ahead(tenfold_but_a_bug_at_three, range(100), workers=workers))


def test_mapping_ahead_runs_at_the_same_time() -> None:
    barrier = threading.Barrier(2, timeout=10)
    list(map_ahead(lambda _: barrier.wait(), [1, 2], workers=2))


def test_processes_are_processes_and_take_closures() -> None:
    offset = 5
    found = map_window(lambda number: (os.getpid(), number + offset), [1, 2], workers=2, processes=True)
    assert [number for _, number in found] == [6, 7]
    assert os.getpid() not in [process for process, _ in found]


@pytest.mark.parametrize("workers", [1, 2])
def test_the_row_that_kills_its_worker_twice_is_bad_and_its_neighbours_are_good(workers: int) -> None:
    """In a process of its own, so that a death that is not caught is a failed test and not the end of the tests."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from test_parallel import tenfold_but_dead_at_three as work\n"
        "from fashiontools.core.parallel import map_window\n"
        f"print(*map_window(work, [2, 3, 4], workers={workers}, processes=True), sep='|')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, os.path.dirname(__file__)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "20|the worker process died on it twice|40\n"


def test_a_reader_that_stops_early_hears_nothing() -> None:
    program = (
        "from fashiontools.core.parallel import map_window, windows\n"
        "def work():\n"
        "    for window in windows(range(1000)):\n"
        "        yield from map_window(abs, window, workers=2)\n"
        "stream = work()\n"
        "print(next(stream), next(stream), next(stream))\n"
        "stream.close()\n"
    )
    done = subprocess.run([sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "0 1 2\n", "")


def test_the_cores_are_those_that_the_process_may_use() -> None:
    program = "from fashiontools.core.parallel import usable_cores; print(usable_cores())"
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("this system pins no processes")
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {min(os.sched_getaffinity(0))}),
    )
    assert done.stdout == "1\n"
    assert usable_cores() == len(os.sched_getaffinity(0))
