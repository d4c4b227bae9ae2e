"""The address of a client behind trusted proxies. Pure."""

from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
_Address = IPv4Address | IPv6Address

_IPV6_PREFIX = 64
"""Bits of an IPv6 address that its owner does not choose: one owner has 2**64 addresses."""


def client_address(peer: str | None, forwarded: Iterable[str], trusted: Sequence[Network]) -> str:
    """Return the nearest address that is not a trusted proxy; any client can write the ones beyond it.

    `peer` is the other end of the connection, `forwarded` the X-Forwarded-For headers in their order.
    """
    nearest = _parse_address(peer or "")
    if nearest is None:
        return "unknown"
    for part in reversed([part for header in forwarded for part in header.split(",")]):
        if not _is_in_any(nearest, trusted):
            break
        previous = _parse_address(part.strip())
        if previous is None:
            break
        nearest = previous
    return str(nearest)


def client_network(address: str) -> str:
    """Return what is counted as one client: an IPv4 address, or the IPv6 network of one owner."""
    parsed = _parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(IPv6Network((parsed, _IPV6_PREFIX), strict=False))
    return address


def _parse_address(text: str) -> _Address | None:
    try:
        address = ip_address(text)
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def _is_in_any(address: _Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
