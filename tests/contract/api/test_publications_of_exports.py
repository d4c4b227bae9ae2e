"""The publications that an export prefers to a replay, on SQLite and on MySQL."""

import json

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from api.export import publications
from tests.unit.api.export.test_export import MARKET, put_publication
from tests.unit.api.fakes import NOW

HOUR = 3_600_000


async def test_first_publication_of_each_candle_is_read_in_steps(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publications, "_STEP", 3)
    candles = [1_795_345_200_000 + number * HOUR for number in range(20)]
    for candle in candles[:5] + candles[-5:]:
        for minute, price in ((30, 2.0), (10, 1.0)):
            at = NOW.replace(tzinfo=None, minute=minute)
            await put_publication(engine, candle, analyzed_at=at, last_price=price)
    await put_publication(engine, candles[7], params_hash="1" * 16)
    stream = publications.read_first_publications(engine, MARKET, candles[1], candles[-1])
    read = [json.loads(line) for line in [line async for line in stream]]
    assert [row["candle_at"] for row in read] == candles[1:5] + candles[-5:-1]
    assert {row["last_price"] for row in read} == {1.0}
    assert all(len(row["levels"]) == 1 for row in read)
