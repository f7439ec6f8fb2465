"""What a site lists is taken in a thread of its own, while what it listed before is fetched."""

import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from fashiontools.core.manifest import Row

_LOOK_S = 0.05
_AHEAD = 200  # rows that are listed before the first of them is fetched


def ahead(items: Iterator[Row], cut: Callable[[], None], most: int = _AHEAD) -> Iterator[Row]:
    """Take items from an iterator in a thread of its own, some ahead of whoever wants them.

    Args:
        items: Used, and closed, in that thread alone. What it raises is raised here, after the items before it.
        cut: Called where no more items are wanted, to end what the iterator waits for.
        most: How many it may be ahead.
    """
    made: queue.Queue[Any] = queue.Queue(most)
    unwanted = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, unwanted))
    thread.start()
    try:
        while not isinstance(item := made.get(), BaseException):
            yield item
        thread.join()
        if not isinstance(item, StopIteration):
            raise item
    finally:
        unwanted.set()
        if thread.is_alive():
            cut()
        while thread.is_alive():  # it may wait for room
            with suppress(queue.Empty):
                made.get(timeout=_LOOK_S)


def _make(items: Iterator[Row], made: "queue.Queue[Any]", unwanted: threading.Event) -> None:
    end: BaseException = StopIteration()
    try:
        for item in items:
            made.put(item)
            if unwanted.is_set():
                break
    except BaseException as error:
        end = error
    finally:
        items.close()  # type: ignore[attr-defined]
    made.put(end)
