"""`strandline evaluate --history`: evaluate the published levels on the candles that came after."""

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
from levels.evaluation.hold_rates import RACE
from levels.evaluation.intervals import Difference, compare_rates
from levels.evaluation.published_outcomes import Publication, PublishedOutcomes, evaluate_publications
from levels.evaluation.walk_forward import OURS, ReportedLevels, WalkSettings, join_trials
from runtime.errors import StrandlineError
from schemas.tables import analysis_history
from schemas.values import to_aware_utc, to_ms
from storage.database import open_database
from storage.database_errors import translate_errors
from strandline.evaluate.report import compare_with_placebos
from strandline.evaluate.tables import edges_table, format_points, format_share, make_table
from strandline.terminal import print_table

BLOCK_MS = 4 * 86_400_000
"""Length of the blocks of time that are resampled: 100 candles of an hour, because a history is weeks, not years."""

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
class HistoryReport:
    """What is printed and saved. `counts`: publications by market and state; `rates`: by *race* and *moment*."""

    counts: dict[str, dict[str, int]]
    rates: dict[str, Difference]
    edges: dict[str, dict[str, Difference]]


def evaluate_history(
    database_url: str,
    markets: Collection[str],
    load_candles: Callable[[str, int], Candles],
    *,
    walk: WalkSettings,
    console: Console | None = None,
    out: Path | None = None,
) -> HistoryReport:
    """Evaluate the publications of `markets` (keys; empty: all of them) and print the result.

    `load_candles` gets a key and the time (ms) of the market's first publication. Raises StrandlineError.
    """
    console = console or Console()
    history = asyncio.run(load_publications(database_url, markets))
    if not history:
        raise StrandlineError(
            f"no publications of {', '.join(sorted(markets)) or 'any market'} in the database: run a pipeline, whose "
            "sink writes analysis_history, or set STRANDLINE_DATABASE_URL to another database"
        )
    outcomes = {
        key: evaluate_publications(
            load_candles(key, min(one.candle_at for one in publications)), publications, walk=walk
        )
        for key, publications in history.items()
    }
    report = summarize_history(outcomes)
    _print(report, console, walk)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "history.json").write_bytes(orjson.dumps(report, option=orjson.OPT_INDENT_2))
    return report


async def load_publications(database_url: str, markets: Collection[str]) -> dict[str, list[Publication]]:
    """Return the publications by market key. Raises Transient, ConfigurationError."""
    query = select(*_COLUMNS).order_by(_HISTORY.market, _HISTORY.analyzed_at)
    if markets:
        query = query.where(_HISTORY.market.in_(markets))
    history: dict[str, list[Publication]] = {}
    engine = open_database(database_url)
    try:
        with translate_errors():
            async with engine.connect() as connection:
                async for row in await connection.stream(query):
                    history.setdefault(row.market, []).append(_to_publication(row))
    finally:
        await engine.dispose()
    return history


def summarize_history(outcomes: Mapping[str, PublishedOutcomes]) -> HistoryReport:
    """Compare published levels with placebos, market by market and all together."""
    return HistoryReport(
        counts={
            key: {"judged": one.judged, "without_past": one.without_past, "too_young": one.too_young}
            for key, one in outcomes.items()
        },
        rates={
            key: compare_rates(one.trials.sample(OURS, RACE), one.trials.sample(0, RACE))
            for key, one in outcomes.items()
        },
        edges=compare_with_placebos(join_trials([one.trials for one in outcomes.values()])),
    )


def _to_publication(row: Any) -> Publication:
    supports, resistances = _parse_prices(row.support_levels), _parse_prices(row.resistance_levels)
    reported = ReportedLevels(
        np.array([*supports, *resistances]),
        np.array([True] * len(supports) + [False] * len(resistances), dtype=np.bool_),
        row.last_price,
    )
    return Publication(to_ms(to_aware_utc(row.analyzed_at)), row.candle_at, reported)


def _parse_prices(stored: Any) -> list[float]:
    return [float(price) for price in (json.loads(stored) if isinstance(stored, str) else stored)]


def _print(report: HistoryReport, console: Console, walk: WalkSettings) -> None:
    print_table(console, _markets_table(report))
    print_table(console, edges_table(report.edges))
    young = sum(counts["too_young"] for counts in report.counts.values())
    if young:
        console.print(
            f"{young} publications have fewer than {walk.horizon} candles after them: see --horizon"
        )
    past = sum(counts["without_past"] for counts in report.counts.values())
    if past:
        console.print(f"{past} publications are older than the candles")


def _markets_table(report: HistoryReport) -> Table:
    rows = [
        [
            key,
            f"{report.counts[key]['judged']:,}",
            f"{rate.n:,}",
            format_share(rate.rate),
            format_share(rate.other),
            format_points(rate),
        ]
        for key, rate in report.rates.items()
    ]
    columns = ["market", "publications", "touches", "levels held", "placebo held", "difference, points"]
    return make_table("levels as published, by race, beside moment placebos", columns, rows)
