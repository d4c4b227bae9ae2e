"""The simulated exchange on a free loopback port, and its controls."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import httpx

from runtime.clock import Clock
from runtime.settings import Settings
from simulator import SimulatorOptions, serve

NOW = 1_767_614_400_000 + 20 * 60_000
"""2026-01-05T12:20Z: the hour, and every longer candle, is still open."""


_LIMITS = httpx.Limits(keepalive_expiry=1.0)
"""A connection that rests is not used again: the simulator closes it after five seconds."""


class Simulated:
    """One running simulator: its address, settings that lead there, and its controls."""

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        self.url = url
        self._client = client

    def settings(self, *exchanges: str, timeout: float = 5.0) -> Settings:
        """Settings whose exchanges (`sim` where none is named) are all this simulator."""
        names = exchanges or ("sim",)
        urls = dict.fromkeys(names, self.url)
        return Settings.load(exchanges=names, exchange=names[0], exchange_urls=urls, exchange_timeout=timeout)

    async def fault(self, kind: str, **more: object) -> None:
        answer = await self._client.post("/simulator/faults", json={"kind": kind, **more})
        assert answer.status_code == 201, answer.text

    async def heal(self) -> None:
        assert (await self._client.delete("/simulator/faults")).json() == []

    async def push(self, symbol: str, price: float) -> None:
        answer = await self._client.post("/simulator/price", json={"symbol": symbol, "price": price})
        assert answer.status_code == 200, answer.text

    async def calls(self, path: str = "") -> list[dict[str, Any]]:
        """Return the calls so far whose paths contain `path`."""
        listed: list[dict[str, Any]] = (await self._client.get("/simulator/calls")).json()
        return [call for call in listed if path in call["path"]]

    async def asked(self, path: str) -> None:
        """Return once `path` was called: each round is a request to the simulator, which lets other tasks run."""
        while not await self.calls(path):
            pass

    async def forget_calls(self) -> None:
        assert (await self._client.delete("/simulator/calls")).json() == []

    async def get(self, path: str, **params: object) -> httpx.Response:
        return await self._client.get(path, params={name: str(value) for name, value in params.items()})


@contextlib.asynccontextmanager
async def simulated(
    options: SimulatorOptions | None = None, clock: Clock | None = None
) -> AsyncIterator[Simulated]:
    """A simulator for the time of a test; by default made-up markets at NOW."""
    async with (
        serve(options or SimulatorOptions(now=NOW), clock=clock) as url,
        httpx.AsyncClient(base_url=url, trust_env=False, timeout=10, limits=_LIMITS) as client,
    ):
        yield Simulated(url, client)
