"""Where a webhook may go: to the public internet, and to the very address that was checked."""

from typing import Any

import httpcore
import pytest

from consumers.notifier import addresses
from consumers.notifier.addresses import CheckedBackend, is_public
from runtime.errors import Permanent


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "64:ff9b::808:808"])
def test_public_ones_may_be_reached(address: str) -> None:
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
    ],
)
def test_private_ones_may_not(address: str) -> None:
    assert not is_public(address)


class Dialled(httpcore.AsyncMockBackend):
    """Remembers what it was to connect to."""

    def __init__(self) -> None:
        super().__init__([])
        self.hosts: list[str] = []

    async def connect_tcp(self, host: str, *args: Any, **more: Any) -> httpcore.AsyncNetworkStream:
        self.hosts.append(host)
        return await super().connect_tcp(host, *args, **more)


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    dialled = Dialled()
    monkeypatch.setattr(httpcore, "AnyIOBackend", lambda: dialled)
    return dialled


def leads_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> list[str]:
    """DNS that gives each of `answers` in turn; which names were looked up."""
    waiting, asked = list(answers), []

    async def resolved(host: str, port: int) -> list[str]:
        asked.append(host)
        return waiting.pop(0)

    monkeypatch.setattr(addresses, "_resolved", resolved)
    return asked


async def test_the_address_that_was_checked_is_the_one_that_is_dialled(
    dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A second look would find another: that is how DNS rebinding works.
    asked = leads_to(monkeypatch, ["93.184.216.34"], ["127.0.0.1"])
    await CheckedBackend(private=False).connect_tcp("rebinding.example", 443)
    assert (asked, dialled.hosts) == (["rebinding.example"], ["93.184.216.34"])


async def test_a_private_address_is_not_dialled(dialled: Dialled, monkeypatch: pytest.MonkeyPatch) -> None:
    leads_to(monkeypatch, ["10.0.0.7", "::1"])
    with pytest.raises(Permanent, match="STRANDLINE_WEBHOOK_PRIVATE"):
        await CheckedBackend(private=False).connect_tcp("inside.example", 80)
    assert dialled.hosts == []


async def test_of_several_only_the_public_ones_are_dialled(
    dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, ["10.0.0.7", "93.184.216.34"])
    await CheckedBackend(private=False).connect_tcp("both.example", 80)
    assert dialled.hosts == ["93.184.216.34"]


async def test_private_ones_are_dialled_where_that_is_meant(
    dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, ["10.0.0.7"])
    await CheckedBackend(private=True).connect_tcp("inside.example", 80)
    assert dialled.hosts == ["10.0.0.7"]


async def test_a_name_that_cannot_be_looked_up_is_no_bug(dialled: Dialled) -> None:
    with pytest.raises(Permanent, match="looked up"):
        await CheckedBackend(private=False).connect_tcp("hooks..example", 443)
    assert dialled.hosts == []
