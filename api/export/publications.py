"""SELECTs of the first publication for each candle of a market, for exports."""

import json
from collections.abc import AsyncIterator

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from api.reading import fetch_all, open_read, select_columns
from api.results.stored_json import parse_levels
from levels import Params
from schemas.records import PublicationRecord
from schemas.tables import analysis_history

_STEP = 200
"""Publications in memory at once, some 5 kB each."""

_HISTORY = analysis_history.c


async def read_first_publications(
    engine: AsyncEngine, market: str, start_ms: int, stop_ms: int
) -> AsyncIterator[bytes]:
    """Yield publications with default parameters as lines of JSON, by candle, of the first analysis of each candle."""
    after = start_ms - 1
    while True:
        # Each read on a connection of its own: a client may take its time between them.
        records = await _read_step(engine, market, after, stop_ms)
        seen = None
        for record in records:
            if record["candle_at"] != seen:
                seen = record["candle_at"]
                yield _to_line(record)
        if len(records) < _STEP:
            return
        after = records[-1]["candle_at"]


async def _read_step(engine: AsyncEngine, market: str, after: int, stop_ms: int) -> list[PublicationRecord]:
    first = (
        select(_HISTORY.candle_at, func.min(_HISTORY.analyzed_at).label("analyzed_at"))
        .where(
            _HISTORY.market == market,
            _HISTORY.candle_at > after,
            _HISTORY.candle_at < stop_ms,
            _HISTORY.params_hash == Params().hash,
        )
        .group_by(_HISTORY.candle_at)
        .order_by(_HISTORY.candle_at)
        .limit(_STEP)
        .subquery("first")
    )
    rows = (
        select_columns(analysis_history)
        .join(
            first, (_HISTORY.candle_at == first.c.candle_at) & (_HISTORY.analyzed_at == first.c.analyzed_at)
        )
        .where(_HISTORY.market == market, _HISTORY.params_hash == Params().hash)
        .order_by(_HISTORY.candle_at, _HISTORY.candles_hash)
    )
    async with open_read(engine) as connection:
        return await fetch_all(connection, rows)


def _to_line(record: PublicationRecord) -> bytes:
    levels = parse_levels(record["levels"], f"{record['market']} of {record['candle_at']}") or []
    line = {name: record[name] for name in ("candle_at", "last_price", "algorithm")}
    return json.dumps(line | {"levels": [level.model_dump(mode="json") for level in levels]}).encode()
