"""`strandline evaluate --history`: what the published levels were worth, by the candles that came after."""

import asyncio
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from levels import Candles
from levels.evaluation.hold import RACE
from levels.evaluation.intervals import Difference, compare
from levels.evaluation.outcomes import NAMES
from levels.evaluation.published import Published, Scored, score
from levels.evaluation.walk_forward import OURS, PLACEBOS, Told, Walk, joined
from runtime.errors import StrandlineError
from schemas.tables import analysis_history
from schemas.values import to_aware_utc, to_ms
from storage.database import open_database
from storage.database_errors import translated
from strandline.evaluate.tables import points, share, table_of, worth_table

BLOCK_MS = 4 * 86_400_000
"""Blocks of time that are drawn whole: as long as 100 candles of an hour, for a history is weeks, not years."""

_HISTORY = analysis_history.c
_COLUMNS = (
    _HISTORY.market,
    _HISTORY.analyzed_at,
    _HISTORY.candle_at,
    _HISTORY.last_price,
    _HISTORY.support_levels,
    _HISTORY.resistance_levels,
)


@dataclass(frozen=True)
class Worth:
    """What is printed and saved. `counts`: publications by what became of them; `rates` are by *race* and *moment*."""

    counts: dict[str, dict[str, int]]
    rates: dict[str, Difference]
    worth: dict[str, dict[str, Difference]]


def run(
    database_url: str,
    markets: Collection[str],
    candles_of: Callable[[str, int], Candles],
    *,
    walk: Walk,
    console: Console | None = None,
    out: Path | None = None,
) -> Worth:
    """Score what was published of `markets` (keys; none: of all), and print it.

    `candles_of` gets a key and the time (ms) of the market's first publication. Raises StrandlineError.
    """
    console = console or Console()
    history = asyncio.run(read(database_url, markets))
    if not history:
        raise StrandlineError(
            "nothing was published of it, as far as this database knows (STRANDLINE_DATABASE_URL): the sink of a "
            "running pipeline writes the history"
        )
    scored = {
        key: score(candles_of(key, min(one.candle_at for one in published)), published, walk=walk)
        for key, published in history.items()
    }
    found = weighed(scored)
    _print(found, console, walk)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "history.json").write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    return found


async def read(database_url: str, markets: Collection[str]) -> dict[str, list[Published]]:
    """What was published, by market key. Raises Transient, ConfigurationError."""
    wanted = select(*_COLUMNS).order_by(_HISTORY.market, _HISTORY.analyzed_at)
    if markets:
        wanted = wanted.where(_HISTORY.market.in_(markets))
    history: dict[str, list[Published]] = {}
    engine = open_database(database_url)
    try:
        with translated():
            async with engine.connect() as connection:
                async for line in await connection.stream(wanted):
                    history.setdefault(line.market, []).append(_published(line))
    finally:
        await engine.dispose()
    return history


def weighed(scored: Mapping[str, Scored]) -> Worth:
    """Market by market, and all together."""
    everything = joined([one.trials for one in scored.values()])
    return Worth(
        counts={
            key: {"judged": one.judged, "without_past": one.without_past, "too_young": one.too_young}
            for key, one in scored.items()
        },
        rates={
            key: compare(one.trials.sample(OURS, RACE), one.trials.sample(0, RACE))
            for key, one in scored.items()
        },
        worth={
            name: {
                placebo: compare(everything.sample(OURS, outcome), everything.sample(kind, outcome))
                for kind, placebo in enumerate(PLACEBOS)
            }
            for outcome, name in enumerate(NAMES)
        },
    )


def _published(line: Any) -> Published:
    supports, resistances = _prices(line.support_levels), _prices(line.resistance_levels)
    told = Told(
        np.array([*supports, *resistances]),
        np.array([True] * len(supports) + [False] * len(resistances), dtype=np.bool_),
        line.last_price,
    )
    return Published(to_ms(to_aware_utc(line.analyzed_at)), line.candle_at, told)


def _prices(stored: Any) -> list[float]:
    return [float(price) for price in (json.loads(stored) if isinstance(stored, str) else stored)]


def _print(found: Worth, console: Console, walk: Walk) -> None:
    console.print(_by_market(found))
    console.print(worth_table(found.worth))
    young = sum(counts["too_young"] for counts in found.counts.values())
    if young:
        console.print(
            f"{young} publications have fewer than {walk.horizon} candles after them: see --horizon"
        )
    past = sum(counts["without_past"] for counts in found.counts.values())
    if past:
        console.print(f"{past} publications are older than the candles")


def _by_market(found: Worth) -> Table:
    rows = [
        [
            key,
            f"{found.counts[key]['judged']:,}",
            f"{rate.n:,}",
            share(rate.rate),
            share(rate.other),
            points(rate),
        ]
        for key, rate in found.rates.items()
    ]
    columns = ["market", "publications", "touches", "levels held", "placebo held", "difference, points"]
    return table_of("levels as published, by race, beside moment placebos", columns, rows)
