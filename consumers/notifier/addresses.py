"""Which addresses a webhook may reach: an operator's URL, or its DNS, must not lead into our own network."""

import asyncio
import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpcore

from runtime.errors import Permanent

_NAT64 = ip_network("64:ff9b::/96")

SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


def is_public(address: str) -> bool:
    """Whether anybody on the internet could be reached there. Pure.

    An IPv4 address that hides in an IPv6 one (mapped, 6to4, NAT64) is judged by itself.
    """
    parsed = ip_address(address)
    inner = _hidden(parsed) if isinstance(parsed, IPv6Address) else None
    judged = inner or parsed
    return judged.is_global and not judged.is_multicast


def _hidden(address: IPv6Address) -> IPv4Address | None:
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    # Teredo's client address is not one that is dialled, but who uses it means to go around something.
    return address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Looks a name up, and connects to an address that it has checked: not to the name, which may mean another by then.

    TLS goes on to check the name itself. With `private` every address will do.
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
        """Raises Permanent where the name is none, or leads to no public address; and httpcore's errors."""
        allowed = self._allowed(host, await _resolved(host, port))
        trouble: httpcore.NetworkError | None = None
        for address in allowed:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except httpcore.NetworkError as error:
                trouble = error
        raise trouble or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)

    def _allowed(self, host: str, addresses: Sequence[str]) -> Sequence[str]:
        allowed = [address for address in addresses if self._private or is_public(address)]
        if addresses and not allowed:
            raise Permanent(
                "internal",
                f"{host} is a private address: STRANDLINE_WEBHOOK_PRIVATE=true allows those, if you mean it",
            )
        return allowed


async def _resolved(host: str, port: int) -> Sequence[str]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except UnicodeError:
        raise Permanent("internal", f"{host} is no name that can be looked up: mend it") from None
    except OSError as error:
        raise httpcore.ConnectError(f"{host} cannot be looked up: {error.strerror}") from error
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
