"""A client of another make than ours, to test the local sites themselves with."""

from typing import Any

import urllib3

from sites.server import Sites


def pool_of(sites: Sites, host: str, **settings: Any) -> urllib3.HTTPSConnectionPool:
    """Connections to us that expect the certificate of a host; nothing is followed or tried again."""
    expected = {
        "ca_certs": str(sites.cafile),
        "server_hostname": host,
        "assert_hostname": host,
        "headers": {"Host": host},
        "retries": urllib3.Retry(total=False, redirect=False),
        "timeout": 5.0,
    }
    return urllib3.HTTPSConnectionPool("127.0.0.1", sites.port, **{**expected, **settings})
