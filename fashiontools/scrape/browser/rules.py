"""Where a browser may go, as flags of Chromium: to one site's hosts, at the addresses that the user names."""

import base64
import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from fashiontools.scrape.web.addresses import Detour

_NOWHERE = "MAP * ~NOTFOUND"


def resolver_rules(hosts: Iterable[str], detours: Sequence[Detour]) -> str:
    """The value of `--host-resolver-rules`: the site's hosts are found, and no other.

    Trackers and advertisers of a page are never asked. Where a detour leads one of the site's hosts elsewhere, a copy
    of the site is meant: then what is not named by a detour is not found either.

    Args:
        hosts: The site's hosts; `*.example.org` are all below it.
        detours: What `--connect-to` says.
    """
    site = list(hosts)
    maps = [f"MAP {_place(way.host, way.port)} {_place(way.to_host, way.to_port)}" for way in detours]
    if any(_covers(host, detour.host) for host in site for detour in detours):
        to = sorted({_bracketed(way.to_host) for way in detours})
        return ", ".join([*maps, _NOWHERE, *(f"EXCLUDE {host}" for host in to)])
    return ", ".join([*maps, _NOWHERE, *(f"EXCLUDE {host}" for host in site)])


def _place(host: str, port: int) -> str:
    return f"{_bracketed(host)}:{port}"


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _covers(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*") else host == pattern


def trusted_key(certificate: Path) -> str:
    """The value of `--ignore-certificate-errors-spki-list`: the SHA-256 of a certificate's key, in base 64.

    Chromium then trusts any chain in which that key stands, whatever its name says.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = x509.load_pem_x509_certificate(certificate.read_bytes()).public_key()
    info = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(hashlib.sha256(info).digest()).decode()
