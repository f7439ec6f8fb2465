"""Connections to hosts, at addresses that were checked: few of them open, and none of them for ever."""

import socket
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

import urllib3
from urllib3.exceptions import HTTPError

from fashiontools.core.errors import BadRow
from fashiontools.scrape.web.addresses import Address, Target
from fashiontools.scrape.web.pace import Stopped

_KEPT = 64  # hosts: a list may name more of them than a process may have files open
_LOOK_S = 0.2


class Connection:
    """The connection to one host, since the turns of `pace` ask a host for one thing at a time.

    Attributes:
        pool: Sends requests.
    """

    def __init__(self, target: Target, address: Address, cacert: Path | None) -> None:
        self.pool: urllib3.HTTPConnectionPool
        if target.scheme == "http":
            self.pool = urllib3.HTTPConnectionPool(address.host, address.port)
        else:
            self.pool = urllib3.HTTPSConnectionPool(
                address.host,
                address.port,
                cert_reqs="CERT_REQUIRED",
                ca_certs=str(cacert) if cacert and address.named else None,
                server_hostname=target.host,
                assert_hostname=target.host,
            )
        self._opened: WeakSet[Any] = WeakSet()
        self.pool.ConnectionCls = partial(_remembered, self.pool.ConnectionCls, self._opened)  # type: ignore[assignment]

    def cut(self) -> None:
        """Break it off, whoever waits for it."""
        for opened in list(self._opened):
            if opened.sock is not None:
                with suppress(OSError):
                    # Not its own `shutdown`: that would take away the TLS state which another thread is using.
                    socket.socket.shutdown(opened.sock, socket.SHUT_RDWR)


def _remembered(kind: Callable[..., Any], opened: WeakSet[Any], **settings: Any) -> Any:
    made = kind(**settings)
    opened.add(made)
    return made


class Connections:
    """The connections to all hosts; those that were not used for long are closed.

    Args:
        cacert: A certificate to trust where the user named the address; None trusts the system's alone.
        stopped: Set it, and all that are in use are broken off.
    """

    def __init__(self, cacert: Path | None, stopped: threading.Event) -> None:
        self._cacert = cacert
        self._stopped = stopped
        self._kept: OrderedDict[tuple[str, Address], Connection] = OrderedDict()
        self._ends: dict[Connection, float] = {}
        self._guard = threading.Lock()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def to(self, target: Target, address: Address, seconds: float) -> Iterator[urllib3.HTTPConnectionPool]:
        """The connection to a host at an address, for so many seconds: a server may send its bytes ever so slowly.

        Raises:
            BadRow: They are over.
            Stopped: Nobody waits for it.
        """
        connection = self._connection(target, address)
        end = self._ends[connection] = time.monotonic() + seconds
        try:
            yield connection.pool
            self._check(end, seconds)
        except HTTPError:
            self._check(end, seconds)
            raise
        finally:
            del self._ends[connection]

    def _check(self, end: float, seconds: float) -> None:
        if self._stopped.is_set():
            raise Stopped
        if time.monotonic() > end:
            raise BadRow(f"not there after {seconds:g} s", "--timeout") from None

    def _connection(self, target: Target, address: Address) -> Connection:
        key = (target.origin, address)
        with self._guard:
            if key not in self._kept:
                self._kept[key] = Connection(target, address, self._cacert)
            self._kept.move_to_end(key)
            if len(self._kept) > _KEPT:
                self._kept.popitem(last=False)  # it closes itself once nobody uses it
            return self._kept[key]

    def _watch(self) -> None:
        """Look at what is in use until all is over; a connection can be cut once it is there."""
        while self._ends or not self._stopped.is_set():
            time.sleep(_LOOK_S)
            for connection, end in list(self._ends.items()):
                if self._stopped.is_set() or time.monotonic() > end:
                    connection.cut()
