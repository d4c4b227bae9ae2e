"""The simulator as a server: there when it says so, gone when it ends."""

import socket
from pathlib import Path

import httpx
import pytest

from runtime.errors import ConfigurationError
from simulator import SimulatorOptions, serve


async def test_it_listens_on_loopback_while_the_context_lasts() -> None:
    async with serve() as url, httpx.AsyncClient(trust_env=False) as client:
        assert url.startswith("http://127.0.0.1:")
        assert (await client.get(f"{url}/api/v3/ping")).json() == {}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=1)


async def test_a_port_that_is_taken_is_an_error() -> None:
    async with serve() as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(port=int(url.rsplit(":", 1)[1])):
                pytest.fail("two servers on one port")


async def test_a_replay_of_nothing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        async with serve(SimulatorOptions(replay=tmp_path)):
            pytest.fail("it replays nothing")
