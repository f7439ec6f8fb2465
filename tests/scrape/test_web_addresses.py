"""Where a request may go: URLs taken apart, addresses that are the open internet's and those that are not."""

import ipaddress
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fashiontools.core.errors import BadRow, UsageError
from fashiontools.scrape.web.addresses import Address, Detour, address_of, is_public, parse, redacted

PUBLIC = [
    "8.8.8.8",
    "93.184.216.34",
    "2606:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
]
PRIVATE = {
    "loopback": ["127.0.0.1", "127.255.255.254", "::1"],
    "unspecified": ["0.0.0.0", "0.1.2.3", "::"],
    "private": ["10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "fd00::1", "fc00::1"],
    "link-local": ["169.254.0.1", "fe80::1", "fe80::1%eth0", "febf::1"],
    "metadata": ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192"],
    "shared": ["100.64.0.1", "100.127.255.255"],
    "documentation": ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"],
    "benchmarks": ["198.18.0.1", "198.19.255.255"],
    "multicast": ["224.0.0.1", "239.255.255.255", "ff02::1", "ff0e::1"],
    "reserved": ["240.0.0.1", "255.255.255.255", "100::1", "4000::1"],
    "site-local": ["fec0::1"],
    "ipv4-mapped": ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254"],
    "ipv4-compatible": ["::127.0.0.1", "::10.0.0.1"],
    "nat64": ["64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::8.8.8.8"],
    "6to4": ["2002:7f00:1::", "2002:a00:1::", "2002:a9fe:a9fe::1"],
    "teredo": ["2001:0:4136:e378:8000:63bf:3fff:fdd2"],
}


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(("kind", "address"), [(kind, address) for kind, found in PRIVATE.items() for address in found])
def test_private_addresses(kind: str, address: str) -> None:
    assert not is_public(address), kind


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_any_wrapping_is_what_it_is(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    public = is_public(str(address))
    assert is_public(f"::ffff:{address}") == public
    assert is_public(f"64:ff9b::{address}") == public
    assert is_public(str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80)))) == public
    assert not is_public(f"::{address}")


@given(st.ip_addresses())
def test_what_python_calls_private_is_never_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    wrapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None) or address
    nat64 = address in ipaddress.ip_network("64:ff9b::/96")
    if wrapped.is_private or wrapped.is_multicast or wrapped.is_link_local or wrapped.is_loopback:
        assert nat64 or not is_public(str(address))


URL = st.one_of(
    st.text(),
    st.builds("https://{}/{}".format, st.text(), st.text()),
    st.from_regex(r"https?://[a-z.:@\[\]%0-9\\#?\r\n\x00 ]{0,20}(/.*)?"),
)


@given(URL)
@example("https://a.example:0/x")
@example("https://[::1%25eth0]/")
@example("https://%61.example/")
@example("https://a.example\n.b/")
@example("https://\u2102.example/")
def test_any_text_is_a_bad_row_or_can_be_sent(url: str) -> None:
    try:
        target = parse(url, allow_http=True)
    except BadRow as error:
        assert str(error).isprintable()
        return
    assert re.fullmatch(r"[a-z0-9_.:-]+", target.host)
    assert re.fullmatch(r"/[!-~]*", target.path)
    assert 0 <= target.port <= 65535
    again = parse(target.url, allow_http=True)
    assert again == target


@given(st.from_regex(r"[a-z0-9:._-]{1,12}", fullmatch=True))
def test_a_user_and_a_password_are_redacted(secret: str) -> None:
    shown = redacted(f"https://{secret}!@a.example/b@c.jpg?d@e")
    assert shown == "https://***@a.example/b@c.jpg?d@e"
    with pytest.raises(BadRow, match="password"):
        parse(shown)
    assert redacted("https://a.example/b@c.jpg?d@e") == "https://a.example/b@c.jpg?d@e"


def test_a_target_is_told_as_a_url_has_it() -> None:
    target = parse("HTTPS://A.Example:443/b c?d=é#e")
    assert (target.origin, target.path) == ("https://a.example", "/b%20c?d=%C3%A9")
    assert parse("https://a.example:8443").url == "https://a.example:8443/"
    assert parse("https://[2606:4700::1111]:8443/a").authority == "[2606:4700::1111]:8443"
    assert parse("http://a.example:443", allow_http=True).authority == "a.example:443"


def test_a_detour_leads_elsewhere_and_only_from_its_port() -> None:
    detours = [Detour.parse("A.Example:443:127.0.0.1:8443")]
    assert address_of(parse("https://a.example/b"), detours) == Address("127.0.0.1", 8443, named=True)
    with pytest.raises(BadRow, match="private"):
        address_of(parse("https://127.0.0.1:8443/b"), detours)
    assert address_of(parse("https://8.8.8.8/b"), detours) == Address("8.8.8.8", 443)


def test_addresses_of_ipv6_stand_in_brackets() -> None:
    assert Detour.parse("a.example:443:[::1]:8443") == Detour("a.example", 443, "::1", 8443)
    assert Detour.parse("[2001:DB8::1]:443:b.example:443") == Detour("2001:db8::1", 443, "b.example", 443)
    with pytest.raises(UsageError):
        Detour.parse("a.example:443:::1:8443")


@pytest.mark.parametrize(
    "text", ["", "a:443", "a:443:b", "a:443:b:c", ":443:b:1", "a:0:b:1", "a:1:b:65536", "a:1:b:1:2"]
)
def test_what_is_no_detour_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="HOST:PORT:HOST2:PORT2"):
        Detour.parse(text)


def test_a_host_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names that the system resolves are not ours to have in a test."""
    answers = [(2, 1, 6, "", (address, 443)) for address in ("8.8.8.8", "10.0.0.1")]
    monkeypatch.setattr("socket.getaddrinfo", lambda *words, **named: answers)
    with pytest.raises(BadRow, match=r"^a\.example is a private address"):
        address_of(parse("https://a.example/"), [])
    answers.pop()
    assert address_of(parse("https://a.example/"), []) == Address("8.8.8.8", 443)
