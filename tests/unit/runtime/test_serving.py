"""Serving on a port that is in use."""

import pytest

from runtime.serving import PortTaken, bind_socket, serve_app


async def test_serve_app_names_the_setting_of_a_taken_port() -> None:
    with bind_socket("127.0.0.1", 0) as other:
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"{port}.*\(STRANDLINE_HTTP_PORT\)"):
            bind_socket("127.0.0.1", port)
        with pytest.raises(PortTaken, match=r"\(STRANDLINE_OPS_PORT\)"):
            async with serve_app(None, host="127.0.0.1", port=port, setting="STRANDLINE_OPS_PORT"):
                pass
