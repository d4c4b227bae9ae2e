from collections.abc import Sequence
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access.client_address import client_address, client_network

OURS = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("203.0.113.5", [], "203.0.113.5"),
        ("203.0.113.5", ["198.51.100.1"], "203.0.113.5"),  # not a trusted proxy: its header is ignored
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["1.1.1.1, 198.51.100.1"], "198.51.100.1"),  # the client wrote 1.1.1.1 itself
        ("10.0.0.1", ["1.1.1.1", "198.51.100.1, 10.0.0.2"], "198.51.100.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["10.0.0.7"], "10.0.0.7"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("fd00::1", ["::ffff:198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], "unknown"),
    ],
)
def test_client_address_is_the_nearest_untrusted_one(
    peer: str | None, forwarded: Sequence[str], client: str
) -> None:
    assert client_address(peer, forwarded, OURS) == client


@given(st.text(), st.lists(st.text(), max_size=3))
def test_client_address_ignores_headers_of_untrusted_peers(peer: str, forwarded: list[str]) -> None:
    assert client_address("203.0.113.5", forwarded, OURS) == "203.0.113.5"
    client_address(peer, forwarded, OURS)


def test_client_network_groups_ipv6_addresses_by_owner() -> None:
    assert client_network("2001:db8:1:2::7") == client_network("2001:db8:1:2:ffff::1")
    assert client_network("2001:db8:1:2::7") != client_network("2001:db8:1:3::7")
    assert client_network("203.0.113.5") != client_network("203.0.113.6")
