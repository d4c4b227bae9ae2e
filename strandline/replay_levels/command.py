"""`strandline replay-levels`: the levels as they were known at each close of a market's history, into a file."""

import asyncio
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, cast

import numpy as np
import typer
from rich.console import Console
from rich.progress import track

from api.export.candle_range import fetch_range
from api.export.formats import FORMATS, Format
from api.export.rows import Row, rows_of_close
from api.export.writers import write_rows
from levels import Candles, Params
from levels.replay.closes import WINDOW, Close, replay
from runtime.settings import Settings
from schemas.market import SIMULATED, Market
from schemas.values import to_ms
from strandline import options
from strandline.levels.candle_file import read_series
from strandline.terminal import echo

_REST_OF_DATE = {4: "-01-01", 7: "-01"}
_SUFFIXES: dict[str, Format] = {".parquet": "parquet", ".csv": "csv", ".arrow": "arrow", ".feather": "arrow"}


def replay_levels(
    market: Annotated[list[str], typer.Argument(metavar="[EXCHANGE] SYMBOL [TIMEFRAME]", show_default=False)],
    start: Annotated[
        str | None, typer.Option("--from", help="first close, such as 2019 or 2026-11-22T13:00:00Z")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="candles opened before this time; now by default")
    ] = None,
    timeframe: options.Timeframe = None,
    market_type: options.MarketType = "spot",
    limit: Annotated[int, typer.Option("--limit", "-n", help="candles of each analysis")] = WINDOW,
    params: options.Params = "{}",
    csv: Annotated[
        Path | None, typer.Option("--csv", help="read candles from this file; -: standard input")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="write FILE.parquet, .csv or .arrow; CSV to standard output"),
    ] = None,
) -> None:
    """Write the levels as they were known at each close: what an analysis of the candles until then finds."""
    format_ = choose_format(out)
    analysis_params = Params.from_dict(options.parse_json_object(params))
    body = options.build_request_body(market, timeframe, market_type, limit, params)
    settings = Settings.load()
    named = options.complete_request(body, exchange=settings.exchange).market
    begin, stop = parse_moment(start, "--from"), parse_moment(end, "--to")
    if csv is not None:
        candles, first = _cut(read_series(csv).closed, begin, stop)
    elif begin is None:
        raise typer.BadParameter("--from is needed: from which close on, such as 2019")
    else:
        candles, first = _fetch(settings, named, begin, stop, limit)
    closes = replay(candles, analysis_params, window=limit, start=first)
    _write(_rows(closes, len(candles) - first, named.timeframe), out, format_)


def choose_format(out: Path | None) -> Format:
    """Return the format that a file's name stands for; CSV for standard output. Raises typer.BadParameter."""
    if out is None:
        return "csv"
    format_ = _SUFFIXES.get(out.suffix.lower())
    if format_ is None:
        raise typer.BadParameter(
            f"--out {out}: the name must end in {', '.join(_SUFFIXES)}, for {', '.join(FORMATS)}"
        )
    return format_


def parse_moment(text: str | None, option: str) -> int | None:
    """Return a year, date or time in ms; UTC where it has no zone. Raises typer.BadParameter."""
    if text is None:
        return None
    try:
        time = datetime.fromisoformat(text + _REST_OF_DATE.get(len(text), ""))
    except ValueError:
        raise typer.BadParameter(
            f"{option} {text!r}: use 2026, 2026-11-22, or 2026-11-22T13:00:00Z"
        ) from None
    return to_ms(time if time.tzinfo else time.replace(tzinfo=UTC))


def _cut(candles: Candles, begin: int | None, stop: int | None) -> tuple[Candles, int]:
    """Return the candles before `stop`, and the index of the first at or after `begin`."""
    within = candles if stop is None else candles[: int(np.searchsorted(candles.time, stop))]
    return within, 0 if begin is None else int(np.searchsorted(within.time, begin))


def _fetch(
    settings: Settings, market: Market, begin: int, stop: int | None, limit: int
) -> tuple[Candles, int]:
    console = Console(stderr=True)
    with console.status(f"{market}: fetching candles"):
        return asyncio.run(_fetch_range(settings, market, begin, stop, limit))


async def _fetch_range(
    settings: Settings, market: Market, begin: int, stop: int | None, limit: int
) -> tuple[Candles, int]:
    # Imported here because ccxt takes seconds to load, which a candle file does not need.
    from exchanges.ccxt.source import CcxtCandleSource  # noqa: PLC0415
    from simulator import serve  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        if market.exchange == SIMULATED and SIMULATED not in settings.exchange_urls:
            url = await stack.enter_async_context(serve())
            settings = settings.with_exchange(SIMULATED, url)
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        return await fetch_range(
            source, market, begin, to_ms(datetime.now(UTC)) if stop is None else stop, history=limit - 1
        )


def _rows(closes: Iterator[Close], count: int, timeframe: str) -> Iterator[Row]:
    for close in track(closes, "closes", total=count, console=Console(stderr=True), transient=True):
        yield from rows_of_close(close, timeframe)


def _write(rows: Iterator[Row], out: Path | None, format_: Format) -> None:
    if out is None:
        write_rows(rows, sys.stdout.buffer, format_)
        return
    # Under another name until it is whole, so that no one reads a part of it.
    unfinished = out.with_name(f"{out.name}.part")
    with unfinished.open("wb") as file:
        write_rows(rows, cast(BinaryIO, file), format_)
    unfinished.replace(out)
    echo(f"wrote {out}", err=True)
