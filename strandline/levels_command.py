"""`strandline levels`: candles in, levels out, here and now, without a broker."""

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from consumers.analyzer.events import build_completed
from exchanges.ports import Series
from levels import Params, analyze
from runtime.settings import Settings
from schemas.market import SIMULATED, Market
from schemas.values import from_ms
from strandline import options
from strandline.candle_file import read_candles
from strandline.level_table import print_levels, title_of

_PICTURES = (".png", ".svg", ".pdf", ".jpg")


def levels(
    words: Annotated[list[str] | None, typer.Argument(metavar="[EXCHANGE] SYMBOL [TIMEFRAME]")] = None,
    timeframe: options.Timeframe = None,
    market_type: options.MarketKind = "spot",
    limit: options.Limit = 2_000,
    params: options.Params = "{}",
    csv: Annotated[Path | None, typer.Option("--csv", help="analyse this candle file instead")] = None,
    last_open: Annotated[
        bool, typer.Option("--last-open", help="the file's last candle has not closed")
    ] = False,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="draw candles, zones and visits into this PNG")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compute levels here and now and print them. Exchange `sim` needs no internet, `--csv` no exchange."""
    if plot is not None and plot.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"--plot {plot}: the name must end in {', '.join(_PICTURES)}")
    chosen = Params.from_dict(options.json_object(params))
    words = words or ["file", _letters(csv)] if csv else words or []
    body = options.request_body(words, timeframe, market_type, limit, params)
    settings = Settings.load()
    market = options.complete(body, exchange=settings.exchange).market
    series = _read(csv, last_open) if csv else fetched(settings, market, limit)
    analysis = analyze(series.closed, chosen, last_price=series.last_price)
    event = build_completed(analysis, market, ["cli"], datetime.now(UTC))[0]
    title = (
        str(csv) if csv else title_of(market.exchange, market.market_type, market.symbol, market.timeframe)
    )
    if as_json:
        typer.echo(event.model_dump_json(exclude={"request_ids"}))
    else:
        print_levels(Console(), event, title=title, note=analysis.reason)
    if plot is not None:
        # Here, for matplotlib takes a second to load that nobody else should wait for.
        from strandline.plot import draw  # noqa: PLC0415

        draw(series.closed, analysis, plot, chosen, title)
        typer.echo(f"drawn: {plot}", err=True)


def fetched(settings: Settings, market: Market, limit: int) -> Series:
    """The market's candles, with a word on what is being done and on what is missing."""
    console = Console(stderr=True)
    with console.status(f"{market}: fetching {limit} candles"):
        series = asyncio.run(_fetch(settings, market, limit))
    for gap in series.gaps:
        console.print(f"gap: {gap.missing} candles missing from {from_ms(gap.time):%Y-%m-%d %H:%M} UTC")
    return series


async def _fetch(settings: Settings, market: Market, limit: int) -> Series:
    """`sim` is simulated in here where no URL says where it is. Raises Transient and Permanent."""
    # Here, for ccxt takes seconds to load that a candle file need not wait for.
    from exchanges.ccxt.source import CcxtCandleSource  # noqa: PLC0415
    from simulator import serve  # noqa: PLC0415

    async with AsyncExitStack() as stack:
        if market.exchange == SIMULATED and SIMULATED not in settings.exchange_urls:
            url = await stack.enter_async_context(serve())
            settings = settings.with_exchange(SIMULATED, url)
        source = CcxtCandleSource(settings)
        stack.push_async_callback(source.close)
        return await source.candles(market, limit)


def _read(csv: Path, last_open: bool) -> Series:
    return Series(closed=read_candles(csv, leave_out_last=last_open), unclosed=None, gaps=())


def _letters(path: Path) -> str:
    """A symbol for candles whose market nobody named."""
    return "".join(letter for letter in path.stem if letter.isalnum())[:64].ljust(2, "X")
