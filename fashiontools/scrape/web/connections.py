"""Connections to hosts, at addresses that were checked; those that were not used for long are closed."""

import threading
from collections import OrderedDict
from pathlib import Path

import urllib3

from fashiontools.scrape.web.addresses import Address, Target

_KEPT = 64  # hosts: a list may name more of them than a process may have files open


class Connections:
    """One connection to each host, since the turns of `pace` ask a host for one thing at a time.

    Args:
        cacert: A certificate to trust where the user named the address; None trusts the system's alone.
    """

    def __init__(self, cacert: Path | None) -> None:
        self._cacert = cacert
        self._pools: OrderedDict[tuple[str, Address], urllib3.HTTPConnectionPool] = OrderedDict()
        self._guard = threading.Lock()

    def to(self, target: Target, address: Address) -> urllib3.HTTPConnectionPool:
        """The connection to a host at an address."""
        key = (target.origin, address)
        with self._guard:
            if key not in self._pools:
                self._pools[key] = self._made(target, address)
            self._pools.move_to_end(key)
            if len(self._pools) > _KEPT:
                self._pools.popitem(last=False)  # it closes itself once nobody uses it
            return self._pools[key]

    def _made(self, target: Target, address: Address) -> urllib3.HTTPConnectionPool:
        if target.scheme == "http":
            return urllib3.HTTPConnectionPool(address.host, address.port)
        return urllib3.HTTPSConnectionPool(
            address.host,
            address.port,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(self._cacert) if self._cacert and address.named else None,
            server_hostname=target.host,
            assert_hostname=target.host,
        )
