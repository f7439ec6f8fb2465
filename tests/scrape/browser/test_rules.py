"""Where a browser may go."""

import base64
import hashlib
import subprocess
from pathlib import Path

import trustme

from fashiontools.scrape.browser.rules import resolver_rules, trusted_key
from fashiontools.scrape.web.addresses import Detour

HOSTS = ("*.pinterest.com", "*.pinimg.com")


def detour(text: str) -> Detour:
    return Detour.parse(text)


def test_the_sites_hosts_and_no_other() -> None:
    assert resolver_rules(HOSTS, []) == "MAP * ~NOTFOUND, EXCLUDE *.pinterest.com, EXCLUDE *.pinimg.com"


def test_a_copy_of_the_site_is_all_that_is_found() -> None:
    rules = resolver_rules(HOSTS, [detour("www.pinterest.com:443:127.0.0.1:8443"), detour("pin.it:443:127.0.0.1:8443")])
    assert rules == (
        "MAP www.pinterest.com:443 127.0.0.1:8443, MAP pin.it:443 127.0.0.1:8443, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    )


def test_addresses_of_ipv6_stand_in_brackets() -> None:
    rules = resolver_rules(HOSTS, [detour("www.pinterest.com:443:[::1]:8443")])
    assert rules == "MAP www.pinterest.com:443 [::1]:8443, MAP * ~NOTFOUND, EXCLUDE [::1]"


def test_a_detour_of_another_host_leaves_the_site_where_it_is() -> None:
    rules = resolver_rules(HOSTS, [detour("other.example:443:127.0.0.1:8443")])
    assert rules.endswith("EXCLUDE *.pinterest.com, EXCLUDE *.pinimg.com")


def test_the_key_is_the_one_that_openssl_prints(tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(file)
    public = subprocess.run(["openssl", "x509", "-in", file, "-pubkey", "-noout"], capture_output=True, check=True)
    der = subprocess.run(
        ["openssl", "pkey", "-pubin", "-outform", "DER"], input=public.stdout, capture_output=True, check=True
    )
    assert trusted_key(file) == base64.b64encode(hashlib.sha256(der.stdout).digest()).decode()
