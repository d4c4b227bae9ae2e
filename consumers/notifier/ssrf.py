"""SSRF protection of webhooks: neither an operator's URL nor its DNS may lead into the private network."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

from runtime.errors import Permanent

_NAT64 = ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ip_network("2000::/3")
"""All that IANA allocates for the internet: NAT64-local, site-local and IPv4-compatible addresses lie outside it."""
_DOCUMENTATION = ip_network("3fff::/20")
"""RFC 9637, which older Pythons take for public."""

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


def is_public(address: str) -> bool:
    """Return whether `address` is a unicast address of the public internet. Pure.

    An IPv4 address that is embedded in an IPv6 one (mapped, 6to4, NAT64, Teredo) is judged by itself.
    """
    parsed = ip_address(address)
    if isinstance(parsed, IPv4Address):
        return _is_public_ipv4(parsed)
    if embedded := _extract_ipv4(parsed):
        return _is_public_ipv4(embedded)
    return parsed.is_global and parsed in _GLOBAL_UNICAST and parsed not in _DOCUMENTATION


def _is_public_ipv4(address: IPv4Address) -> bool:
    return address.is_global and not address.is_multicast


def _extract_ipv4(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    # Nothing connects to a Teredo client address; a URL with one in it is an attempt to get around this check.
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


class PublicAddressBackend(httpcore.AsyncNetworkBackend):
    """Resolves a host once and connects to an address that it has checked, so that DNS rebinding gains nothing.

    TLS still verifies the host name. `private=True` allows every address.
    """

    def __init__(self, *, private: bool) -> None:
        self._private = private
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect to the first allowed address that accepts.

        Raises Permanent for a host name that is invalid or has only private addresses, and httpcore's errors.
        """
        last_error: httpcore.NetworkError | None = None
        for address in self._select_allowed(host, await _resolve(host, port)):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.NetworkError as error:
                last_error = error
        raise last_error or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def _select_allowed(self, host: str, addresses: Sequence[str]) -> Sequence[str]:
        allowed = [address for address in addresses if self._private or is_public(address)]
        if addresses and not allowed:
            raise Permanent(
                "internal",
                f"{host} has only private addresses: set STRANDLINE_WEBHOOK_PRIVATE=true to allow them",
            )
        return allowed


async def _resolve(host: str, port: int) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise Permanent(
            "internal", f"the host name {host} cannot be looked up: correct it in STRANDLINE_WEBHOOK_URLS"
        ) from None
    except OSError as error:
        raise httpcore.ConnectError(f"{host} cannot be looked up: {error.strerror}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
