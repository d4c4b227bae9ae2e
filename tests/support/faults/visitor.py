"""Somebody who looks at the API all the while: every answer should be one, and in the end tell what the table tells."""

import asyncio
from typing import Any

import httpx
from pydantic import TypeAdapter

from schemas.market import Market
from schemas.values import Time, to_ms
from tests.support.faults.facts import Version

_POLL_SECONDS = 0.1
_START_TIMEOUT = 240.0  # as with all that starts on a busy machine
_TIME: TypeAdapter[Time] = TypeAdapter(Time)
_RESULTS = "/api/v1/analysis/results"


class ApiPoller:
    """`turned_away` says of each look that was not answered what came instead."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client
        self.turned_away: list[str] = []

    async def arrive(self) -> None:
        """Wait until somebody answers at all."""
        async with asyncio.timeout(_START_TIMEOUT):
            while not await self._somebody_answers():  # noqa: ASYNC110 - a process that starts tells nobody
                await asyncio.sleep(_POLL_SECONDS)

    async def run(self) -> None:
        """The list as it is opened, and the row on top of it."""
        while True:
            if (page := await self._look(_RESULTS)) is not None and page["data"]:
                await self._look(f"/api/v1/analysis/{page['data'][0]['id']}")
            await asyncio.sleep(_POLL_SECONDS)

    async def shown(self) -> dict[str, Version]:
        """The guard of every row, by market key, as the single rows are answered now. Raises httpx.HTTPError."""
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

    async def _look(self, path: str) -> Any:
        try:
            answer = await self._client.get(path)
        except httpx.TransportError as error:
            self.turned_away.append(f"{path}: {type(error).__name__}")
            return None
        if answer.status_code != 200:
            self.turned_away.append(f"{path}: {answer.status_code}")
            return None
        return answer.json()

    async def _somebody_answers(self) -> bool:
        try:
            return (await self._client.get("/health")).status_code == 200
        except httpx.TransportError:
            return False
