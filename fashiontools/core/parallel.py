"""An ordered, bounded map over rows: threads where OpenCV releases Python's lock, processes where it does not."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from threading import Event
from typing import Any, TypeVar

from fashiontools.core.errors import BadRow
from fashiontools.core.memory import PHOTOS, keep_freed_memory

Item = TypeVar("Item")
Result = TypeVar("Result")
LARGEST_WINDOW = 256
_AHEAD = 2  # items under way for each thread: the next one waits for it and not the other way round
_SHARES = 4  # of a window for each thread, so that a slow photo does not leave the others waiting for long


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def windows(items: Iterable[Item], largest: int = LARGEST_WINDOW) -> Iterator[list[Item]]:
    """Cut a stream into windows of 2, 4, 8 ... `largest` items: the first results come at once, the later cheaply."""
    iterator = iter(items)
    size = 2
    while window := list(islice(iterator, size)):
        yield window
        size = min(2 * size, largest)


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], *, workers: int, stopped: Event | None = None
) -> Iterator[Result]:
    """Apply a function to items in threads, a few items ahead of whoever takes the results.

    Not with joblib, which leaves its threads at work after Ctrl-C: a program that ends while one of them is in OpenCV
    is aborted by C++. These end with the item that they are at, and are waited for.

    Args:
        function: What to do with an item.
        items: The items, taken as they are needed: two per worker are under way, or done and not asked for yet.
        workers: How many at a time.
        stopped: Set where nobody wants the results of the items under way, for a function whose items take long.

    Yields:
        One result per item, in order.
    """
    _one_opencv_thread()
    keep_freed_memory(PHOTOS)
    if workers == 1:
        yield from map(function, items)
        return
    iterator = iter(items)
    with ThreadPoolExecutor(workers) as pool:
        under_way = deque(pool.submit(function, item) for item in islice(iterator, _AHEAD * workers))
        try:
            while under_way:
                result = under_way[0].result()  # it counts as under way until it is there
                under_way.popleft()
                under_way.extend(pool.submit(function, item) for item in islice(iterator, 1))
                yield result
        finally:
            if stopped is not None and under_way:
                stopped.set()
            pool.shutdown(cancel_futures=True)


def map_window(
    function: Callable[[Item], Result], window: list[Item], *, workers: int, processes: bool = False
) -> list[Result | BadRow]:
    """Apply a function to each item of a window.

    Args:
        function: What to do with an item; with `processes` it must be picklable.
        window: The items; a handful to a few hundred.
        workers: How many at a time.
        processes: Use processes instead of threads. A window whose worker died is run again item by item; the item
            on which it dies again comes back as a `BadRow`.

    Returns:
        One result per item, in order; a `BadRow` that the function raised takes the place of its result.
    """
    if not window:
        return []
    attempt = _Attempt(function)
    if not processes:
        return _in_threads(attempt, window, workers)
    try:
        return _in_processes(attempt, window, workers)
    except _worker_deaths():
        return [_alone(attempt, item) for item in window]


class _Attempt:
    """The function with its bad rows as values, so that one of them does not end the window."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function

    def __call__(self, item: Any) -> Any:
        try:
            return self._function(item)
        except BadRow as error:
            return error


def _one_opencv_thread() -> None:
    import cv2

    cv2.setNumThreads(1)  # our workers are the threads; OpenCV's own would fight them for the cores


def _in_threads(attempt: _Attempt, window: list[Any], workers: int) -> list[Any]:
    stopped = Event()

    def work(share: list[Any]) -> list[Any]:
        return [attempt(item) for item in share if not stopped.is_set()]

    # Some photos at a time: handing over each one alone costs as much as decoding it.
    size = -(-len(window) // (_SHARES * workers))
    shares = [window[start : start + size] for start in range(0, len(window), size)]
    return [result for part in map_ahead(work, shares, workers=workers, stopped=stopped) for result in part]


def _in_processes(attempt: _Attempt, window: list[Any], workers: int) -> list[Any]:
    from joblib import Parallel, delayed

    # joblib runs a single worker inside this very process, which must not die: instead two of them take turns.
    turns: dict[str, Any] = {"pre_dispatch": 1, "batch_size": 1} if workers == 1 else {}
    pool = Parallel(n_jobs=max(2, workers), backend="loky", **turns)
    return list(pool(delayed(attempt)(item) for item in window))


def _alone(attempt: _Attempt, item: Any) -> Any:
    try:
        return _in_processes(attempt, [item], 1)[0]
    except _worker_deaths():
        return BadRow("the worker process died on it twice")


def _worker_deaths() -> tuple[type[BaseException], ...]:
    from concurrent.futures.process import BrokenProcessPool

    from joblib.externals.loky.process_executor import TerminatedWorkerError

    return (TerminatedWorkerError, BrokenProcessPool)
