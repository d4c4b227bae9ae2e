"""Prices and watches for a pipeline under test, with a symbol of its own, because topics are shared."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select

from broker.ports import Edge, Message
from schemas.events import PriceTicked
from schemas.tables import watch_fires
from schemas.topics import WATCH_EVENTS, encode_price
from schemas.watch_events import AnyWatchEvent, read_watch_event
from tests.support.pipeline import SECONDS, Pipeline

WATCHES = "/api/v1/watches"


class WatchedMarket:
    """One market of a pipeline, with its API client."""

    def __init__(self, pipeline: Pipeline, client: httpx.AsyncClient, symbol: str) -> None:
        self.pipeline = pipeline
        self.client = client
        self.symbol = symbol
        self._at = datetime.now(UTC)

    async def watch(self, **fields: Any) -> str:
        """Create a watch, a touch at 100 by default, and return its id."""
        body = {"symbol": self.symbol, "condition": "touch", "target": 100, "side": "long"} | fields
        answer = await self.client.post(WATCHES, json=body)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["data"]["id"])

    async def tick(self, *prices: float) -> None:
        for price in prices:
            await self.pipeline.broker.publish(self.price_message(price))

    def price_message(self, price: float) -> Message:
        """Return a price of now, later than every one before."""
        self._at = max(self._at + timedelta(milliseconds=1), datetime.now(UTC))
        event = PriceTicked(
            exchange="binance", market_type="spot", symbol=self.symbol, price=price, at=self._at
        )
        return Message(*encode_price(event, source="/test"))

    async def state(self, watch_id: str, expected: str) -> dict[str, Any]:
        """Wait until the watch has that state, and return it."""
        async with asyncio.timeout(SECONDS):
            while True:
                watch: dict[str, Any] = (await self.client.get(f"{WATCHES}/{watch_id}")).json()["data"]
                if watch["state"] == expected:
                    return watch
                await asyncio.sleep(0.02)  # the table has no event to wait for

    async def wait_for_fires(self, watch_id: str, times: int) -> list[dict[str, Any]]:
        """Wait until the watch has that number of rows in the table of fires, and return them."""
        async with asyncio.timeout(SECONDS):
            while True:
                async with self.pipeline.engine.connect() as connection:
                    found = await connection.execute(
                        select(watch_fires)
                        .where(watch_fires.c.watch_id == watch_id)
                        .order_by(watch_fires.c.arm)
                    )
                    rows = [dict(row._mapping) for row in found]
                if len(rows) >= times:
                    return rows
                await asyncio.sleep(0.02)  # the table has no event to wait for

    async def events(self, watch_id: str) -> list[AnyWatchEvent]:
        """Return every event of the watch on the topic. What names no type in a header is poison of another test."""
        found = []
        async with self.pipeline.broker.read([WATCH_EVENTS.name], Edge.BEGINNING) as reader:
            records = aiter(reader)
            while not await reader.is_caught_up():
                record = await anext(records)
                if "ce_type" not in dict(record.headers):
                    continue
                event = read_watch_event(record.value or b"")
                if event.watch_id == watch_id:
                    found.append(event)
        return found
