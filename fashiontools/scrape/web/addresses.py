"""Where a request may go: over https, to public addresses, each redirect checked anew."""

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass

from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from fashiontools.core.errors import BadRow, UsageError

_PORTS = {"https": 443, "http": 80}
_LAST_PORT = 65_535
_NAME = re.compile(r"[a-z0-9_.-]+")
_DETOUR = re.compile(r"([^:\[\]]+|\[[^\[\]]+\]):(\d+):([^:\[\]]+|\[[^\[\]]+\]):(\d+)", re.ASCII)
_LITERAL = re.compile(r"\[[0-9a-f:.]+\]")
_USER = re.compile(r"^([^/?#@]*//)?[^/?#]*@")
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PROTOCOLS = ipaddress.ip_network("192.0.0.0/24")  # a cloud's metadata among them


@dataclass(frozen=True)
class Target:
    """What a URL asks for.

    Attributes:
        scheme: `https` or `http`.
        host: Lower-case ASCII name, or an address.
        port: TCP port.
        path: With the query, as it is sent.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as a URL has them."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """Host, and port where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole URL."""
        return self.origin + self.path


def parse(url: str, *, allow_http: bool = False) -> Target:
    """Take a URL apart.

    Raises:
        BadRow: It is no URL of a web server, or one that must not be fetched: http, or with a password in it.
    """
    try:
        found = parse_url(url)
    except LocationParseError:
        raise BadRow("not a URL") from None
    if found.scheme not in _PORTS or not found.host:
        raise BadRow("not the URL of a web server", "it begins with https://")
    if found.scheme == "http" and not allow_http:
        raise BadRow("http is not encrypted", "--allow-http fetches it")
    if found.auth:
        raise BadRow("a user or password stands in the URL")
    host = found.host.lower()
    if not _NAME.fullmatch(host) and not _LITERAL.fullmatch(host):
        raise BadRow("not the name of a host")
    return Target(found.scheme, host.strip("[]"), found.port or _PORTS[found.scheme], found.request_uri)


def redacted(url: str) -> str:
    """A URL with stars in the place of a user and a password, which are nobody's business."""
    return _USER.sub(r"\1***@", url)


@dataclass(frozen=True)
class Detour:
    """Another address for a host, as `--connect-to` names it."""

    host: str
    port: int
    to_host: str
    to_port: int

    @classmethod
    def parse(cls, text: str) -> "Detour":
        """Read HOST:PORT:HOST2:PORT2; addresses of IPv6 stand in brackets.

        Raises:
            UsageError: It is not that.
        """
        found = _DETOUR.fullmatch(text)
        if found is None or not (_is_port(found[2]) and _is_port(found[4])):
            raise UsageError(
                f"--connect-to {text}: expected HOST:PORT:HOST2:PORT2, for example a.org:443:127.0.0.1:8443"
            )
        return cls(found[1].lower().strip("[]"), int(found[2]), found[3].strip("[]"), int(found[4]))


def _is_port(text: str) -> bool:
    return text.isdecimal() and 0 < int(text) <= _LAST_PORT


@dataclass(frozen=True)
class Address:
    """Where to connect.

    Attributes:
        host: An address that was checked, or what `--connect-to` says.
        port: TCP port.
        named: Whether the user named it with `--connect-to`.
    """

    host: str
    port: int
    named: bool = False


def address_of(target: Target, detours: Iterable[Detour]) -> Address:
    """Find the address of a host.

    The caller connects to this very address: a name that is asked for a second time may have another one by then.

    Raises:
        BadRow: There is no such host, or any of its addresses is private.
    """
    for detour in detours:
        if (detour.host, detour.port) == (target.host, target.port):
            return Address(detour.to_host, detour.to_port, named=True)
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise BadRow(f"no address of {target.host} can be found") from None
    addresses = [str(entry[4][0]) for entry in found]
    if not all(map(is_public, addresses)):
        raise BadRow(f"{target.host} is a private address")
    return Address(addresses[0], target.port)


def is_public(address: str) -> bool:
    """Whether an IP address, or the one that is wrapped in it, belongs to the open internet."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        wrapped = found.ipv4_mapped or found.sixtofour or _translated(found)
        if wrapped is None:
            return found in _UNICAST and found.is_global
        found = wrapped
    return found.is_global and not found.is_multicast and found not in _PROTOCOLS


def _translated(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address inside of a NAT64 one (RFC 6052)."""
    return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
