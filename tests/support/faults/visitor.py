"""Polls the API during a round: every poll must be answered, and in the end the answers must equal the table."""

import asyncio
from typing import Any

import httpx
from pydantic import TypeAdapter

from schemas.market import Market
from schemas.values import Time, to_ms
from tests.support.faults.facts import Version

_POLL_SECONDS = 0.1
_START_TIMEOUT = 240.0  # a busy machine may take minutes to start it
_TIME: TypeAdapter[Time] = TypeAdapter(Time)
_RESULTS = "/api/v1/analysis/results"


class ApiPoller:
    """`failed_polls` has the path and the error of each failed poll."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.failed_polls: list[str] = []

    async def wait_until_up(self) -> None:
        """Wait until the API responds."""
        async with asyncio.timeout(_START_TIMEOUT):
            while not await self._is_up():  # noqa: ASYNC110 - a starting process has no event
                await asyncio.sleep(_POLL_SECONDS)

    async def run(self) -> None:
        """Read the list as the page does, and its first row."""
        while True:
            if (page := await self._poll(_RESULTS)) is not None and page["data"]:
                await self._poll(f"/api/v1/analysis/{page['data'][0]['id']}")
            await asyncio.sleep(_POLL_SECONDS)

    async def api_rows(self) -> dict[str, Version]:
        """Return the guard of every row by market key, as the API returns single rows now. Raises httpx.HTTPError."""
        versions = {}
        for number in await self._ids():
            answer = await self._client.get(f"/api/v1/analysis/{number}")
            row = answer.raise_for_status().json()["data"]
            market = Market(**{name: row[name] for name in Market.model_fields})
            candle_at, analyzed_at = (
                _TIME.validate_python(row[name]) for name in ("candle_at", "analyzed_at")
            )
            versions[market.key] = Version(to_ms(candle_at), analyzed_at)
        return versions

    async def _ids(self) -> list[int]:
        answer = await self._client.get(_RESULTS, params={"pageSize": 100})
        page = answer.raise_for_status().json()
        assert page["totalPages"] <= 1, "more markets than a page shows"
        return [row["id"] for row in page["data"]]

    async def _poll(self, path: str) -> Any:
        try:
            answer = await self._client.get(path)
        except httpx.TransportError as error:
            self.failed_polls.append(f"{path}: {type(error).__name__}")
            return None
        if answer.status_code != 200:
            self.failed_polls.append(f"{path}: {answer.status_code}")
            return None
        return answer.json()

    async def _is_up(self) -> bool:
        try:
            return (await self._client.get("/health")).status_code == 200
        except httpx.TransportError:
            return False
