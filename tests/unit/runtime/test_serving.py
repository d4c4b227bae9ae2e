"""Serving on a port that is in use."""

import socket

import pytest

from runtime.serving import PortTaken, bind_socket, build_url, serve_app


async def test_serve_app_names_the_setting_of_a_taken_port() -> None:
    with bind_socket("127.0.0.1", 0) as other:
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*\(STRANDLINE_HTTP_PORT\)"):
            bind_socket("127.0.0.1", port)
        with pytest.raises(PortTaken, match=r"\(STRANDLINE_OPS_PORT\)"):
            async with serve_app(None, host="127.0.0.1", port=port, setting="STRANDLINE_OPS_PORT"):
                pass


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_socket_on_all_ipv6_addresses_serves_ipv4_as_well() -> None:
    with bind_socket("::", 0) as listening:
        listening.listen()
        port = listening.getsockname()[1]
        for host in ("127.0.0.1", "::1"):
            with socket.create_connection((host, port), timeout=60):
                pass


def test_build_url_brackets_an_ipv6_address() -> None:
    assert build_url("::1", 80) == "http://[::1]:80"
    assert build_url("127.0.0.1", 80) == "http://127.0.0.1:80"
