"""From which address a request comes, where proxies of ours stand in between. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

_HOUSEHOLD = 64
"""Bits of an IPv6 address that its owner does not choose: whoever has one has 2**64 of them."""


def client_address(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """The nearest address that is no trusted proxy; what lies beyond it anybody may have written.

    `peer` is the other end of the connection, `forwarded` the X-Forwarded-For headers as they came.
    """
    nearest = _parsed(peer or "")
    if nearest is None:
        return "unknown"
    for written in reversed([part for header in forwarded for part in header.split(",")]):
        if not _is_among(nearest, trusted):
            break
        before = _parsed(written.strip())
        if before is None:
            break
        nearest = before
    return str(nearest)


def neighbourhood(address: str) -> str:
    """Who is counted together: one IPv4 address, or a whole IPv6 network of one owner."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, _HOUSEHOLD), strict=False))
    return address


def _parsed(written: str) -> _Address | None:
    try:
        address = ip_address(written)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_among(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
