"""Which addresses the program may connect to: the public internet, and what was allowed by name."""

import ipaddress
from typing import Final

_V4_NOT_PUBLIC: Final = [
    ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4")
]
_V6_PUBLIC: Final = ipaddress.ip_network("2000::/3")
_V6_NOT_PUBLIC: Final = [
    ipaddress.ip_network(net) for net in ("2001::/23", "2002::/16", "2001:db8::/32", "3fff::/20")
]


def is_public(address: str) -> bool:
    """Say whether an IP address is one of the public internet.

    For IPv6 only global unicast is: Python's own `is_global` lets through NAT64, site-local and
    IPv4-compatible addresses that lead back inside.
    """
    try:
        ip = ipaddress.ip_address(address.split("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    if isinstance(ip, ipaddress.IPv6Address):
        return ip in _V6_PUBLIC and not any(ip in net for net in _V6_NOT_PUBLIC)
    return ip.is_global and not any(ip in net for net in _V4_NOT_PUBLIC)


def endpoint(host: str, port: int) -> str:
    """Return "host:port" as administrators write it: an IPv6 address stands in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
