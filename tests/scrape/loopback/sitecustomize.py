"""Python imports this by its name when it starts: with this folder in PYTHONPATH, no connection leaves loopback."""

import ipaddress
import sys
from typing import Any


def _refuse_others(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        host = str(arguments[1][0]).partition("%")[0]
        if host != "localhost" and not ipaddress.ip_address(host).is_loopback:
            raise RuntimeError(f"a connection would leave loopback: {host}")


sys.addaudithook(_refuse_others)
