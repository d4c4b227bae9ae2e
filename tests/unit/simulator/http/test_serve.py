"""The simulator as a server: starts, stops, fails early."""

import socket
from pathlib import Path

import httpx
import pytest

from runtime.errors import ConfigurationError
from simulator import SimulatorOptions, serve


async def test_simulator_listens_on_loopback_while_open() -> None:
    async with serve() as url, httpx.AsyncClient(trust_env=False) as client:
        assert url.startswith("http://127.0.0.1:")
        assert (await client.get(f"{url}/api/v3/ping")).json() == {}
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", int(url.rsplit(":", 1)[1])), timeout=1)


async def test_simulator_raises_for_a_used_port() -> None:
    async with serve() as url:
        with pytest.raises(OSError, match="in use"):
            async with serve(port=int(url.rsplit(":", 1)[1])):
                pytest.fail("two servers on one port")


async def test_simulator_raises_for_an_empty_replay(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        async with serve(SimulatorOptions(replay=tmp_path)):
            pytest.fail("it replays nothing")
