"""Which addresses a webhook may connect to, and that it connects to the address it checked."""

from typing import Any

import httpcore
import pytest

from consumers.notifier import ssrf
from consumers.notifier.ssrf import PublicAddressBackend, is_public
from runtime.errors import Permanent


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_is_public_accepts_internet_address(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",  # the metadata of clouds
        "100.64.0.1",
        "0.0.0.0",  # noqa: S104 - not to bind to
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "2002:7f00:1::",  # 6to4 of 127.0.0.1
        "64:ff9b::a00:1",  # NAT64 of 10.0.0.1
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",  # NAT64 of a network's own, RFC 8215
        "64:ff9b:1::808:808",
        "::7f00:1",  # IPv4-compatible
        "::808:808",
        "fec0::1",  # site-local
        "feff:ffff::1",
        "3fff::1",  # documentation
        "5f00::1",  # segment routing
        "100::1",  # discarded
        "2001:db8::1",
        "4000::1",  # not allocated
    ],
)
def test_is_public_rejects_private_address(address: str) -> None:
    assert not is_public(address)


class ConnectRecorder(httpcore.AsyncMockBackend):
    """Records the hosts that it is asked to connect to."""

    def __init__(self) -> None:
        super().__init__([])
        self.hosts: list[str] = []

    async def connect_tcp(self, host: str, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        self.hosts.append(host)
        return await super().connect_tcp(host, *args, **more)


@pytest.fixture
def connects(monkeypatch: pytest.MonkeyPatch) -> ConnectRecorder:
    connects = ConnectRecorder()
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: connects)
    return connects


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """Make DNS return each of `answers` in turn; return the list of names looked up."""
    waiting, asked = list(answers), []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return waiting.pop(0)

    monkeypatch.setattr(ssrf, "_resolve", resolve)
    return asked


async def test_backend_connects_to_the_address_it_checked(
    connects: ConnectRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A second lookup would return another address: that is how DNS rebinding works.
    asked = resolve_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    await PublicAddressBackend(private=False).connect_tcp("rebinding.example", 443)
    assert (asked, connects.hosts) == (["rebinding.example"], ["93.184.216.34"])


async def test_backend_refuses_private_address(
    connects: ConnectRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ["10.0.0.7", "::1"])
    with pytest.raises(Permanent, match="STRANDLINE_WEBHOOK_PRIVATE"):
        await PublicAddressBackend(private=False).connect_tcp("inside.example", 80)
    assert connects.hosts == []


async def test_backend_skips_private_addresses_among_several(
    connects: ConnectRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ["10.0.0.7", "93.184.216.34"])
    await PublicAddressBackend(private=False).connect_tcp("both.example", 80)
    assert connects.hosts == ["93.184.216.34"]


async def test_backend_connects_to_private_address_when_allowed(
    connects: ConnectRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, ["10.0.0.7"])
    await PublicAddressBackend(private=True).connect_tcp("inside.example", 80)
    assert connects.hosts == ["10.0.0.7"]


async def test_backend_reports_invalid_host_name_as_permanent(connects: ConnectRecorder) -> None:
    with pytest.raises(Permanent, match="looked up"):
        await PublicAddressBackend(private=False).connect_tcp("hooks..example", 443)
    assert connects.hosts == []
