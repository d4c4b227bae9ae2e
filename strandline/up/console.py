"""The embedded pipeline with a person in front of it: where to look, what is being analysed, what to do next."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime

from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from broker.ports import Edge, Reader
from runtime.lifecycle import stop_on_signals
from runtime.settings import Settings
from schemas.events import AnalysisCompleted, AnalysisFailed
from schemas.market import SIMULATED
from schemas.requests import AnalysisRequested
from schemas.topics import FAILURES, RESULTS
from strandline.level_table import price, title_of
from strandline.up.pipeline import FIRST_MARKETS, Pipeline, opened, running, still_queued

_WRITTEN_SECONDS = 60.0


async def run(settings: Settings, console: Console) -> None:
    """Until a signal."""
    console.print("[bold]Strandline[/bold]: the whole pipeline in one process")
    try:
        async with stop_on_signals() as stop, opened(settings) as pipeline:
            await _run(pipeline, console, stop)
    except ExceptionGroup as group:
        raise _first(group) from group
    console.print("stopped; the results are kept")


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """What went wrong; the rest of the group came of it."""
    inner = group.exceptions[0]
    return _first(inner) if isinstance(inner, ExceptionGroup) else inner


async def _run(pipeline: Pipeline, console: Console, stop: asyncio.Event) -> None:
    async with (
        pipeline.broker.read([RESULTS.name, FAILURES.name], Edge.END) as reader,
        running(pipeline) as url,
    ):
        _say_where(pipeline, url, console)
        wanted = await _request(pipeline)
        console.print(f"    {'market':34} {'support':>9} < {'price':^9} < resistance")
        showing = asyncio.create_task(_shown_and_written(pipeline, reader, wanted, console))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({showing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                showing.result()
                _say_what_next(url, console)
            await stop.wait()
            console.print("stopping: finishing what is in flight")
        finally:
            for task in (showing, stopping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _say_where(pipeline: Pipeline, url: str, console: Console) -> None:
    settings = pipeline.settings
    console.print(f"  page      {url}/")
    console.print(f"  results   {url}/api/v1/analysis/results")
    console.print(f"  kept in   {settings.data_dir}/ (remove it to begin anew)")
    if settings.exchange == SIMULATED:
        # Told, for whoever wants to move its prices (`POST /simulator/price`).
        simulator = str(settings.exchange_urls[SIMULATED]).rstrip("/")
        console.print(f"  exchange  sim: made-up markets at {simulator}, never real prices")
    if pipeline.left_over:
        console.print(f"  finishing {len(pipeline.left_over)} requests that an earlier run left queued")


def _say_what_next(url: str, console: Console) -> None:
    where = "" if url.endswith(":8000") else f" --api {url}"
    console.print("Ready. Ask for more in another terminal, or press Ctrl-C to stop:")
    console.print(f"  .venv/bin/strandline request ADA/USDT 4h --wait{where}")
    console.print(f"  .venv/bin/strandline tail{where}")


async def _request(pipeline: Pipeline) -> dict[str, AnalysisRequested]:
    """A handful of markets, so that there is something to see; what an earlier run left is watched as well."""
    wanted = {request.request_id: request for request in pipeline.left_over}
    now = datetime.now(UTC)
    for symbol, market_type, timeframe in FIRST_MARKETS:
        body = {"symbol": symbol, "market_type": market_type, "timeframe": timeframe}
        request_id = f"up:{symbol}:{market_type}:{timeframe}:{int(time.time())}"
        request = AnalysisRequested.read(
            body, exchange=pipeline.settings.exchange, request_id=request_id, at=now
        )
        await pipeline.publisher.publish(request)
        wanted[request_id] = request
    return wanted


async def _shown_and_written(
    pipeline: Pipeline, reader: Reader, wanted: dict[str, AnalysisRequested], console: Console
) -> None:
    await _show(reader, wanted, console)
    # An event is on its topic a moment before the sink has it in the table, where the page looks.
    try:
        async with asyncio.timeout(_WRITTEN_SECONDS):
            while await still_queued(pipeline, wanted):  # noqa: ASYNC110 (a table offers no event to wait for)
                await asyncio.sleep(0.05)
    except TimeoutError:
        console.print("  the table is slow to follow; the page will show these when it has them")


async def _show(reader: Reader, wanted: dict[str, AnalysisRequested], console: Console) -> None:
    columns = (TextColumn("analysing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    left = set(wanted)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("analysing", total=len(wanted))
        async for event in _ended(reader):
            mine = left & set(event.request_ids)
            if not mine:
                continue
            left -= mine
            progress.advance(task, len(mine))
            progress.console.print(_line(event, wanted[next(iter(mine))]))
            if not left:
                return


async def _ended(reader: Reader) -> AsyncIterator[AnalysisCompleted | AnalysisFailed]:
    async for record in reader:
        kind = AnalysisFailed if record.topic == FAILURES.name else AnalysisCompleted
        with suppress(ValidationError):  # somebody else's record on a Kafka that others use: not ours to show
            yield kind.model_validate_json(record.value or b"")


def _line(event: AnalysisCompleted | AnalysisFailed, request: AnalysisRequested) -> str:
    title = title_of(request.exchange, request.market_type, request.symbol, request.timeframe)
    if isinstance(event, AnalysisFailed):
        return f"  [red]✗[/red] {title:40}  {event.reason}: {event.message}"
    support = price(max(event.support_levels)) if event.support_levels else "none"
    resistance = price(min(event.resistance_levels)) if event.resistance_levels else "none"
    return f"  [green]✓[/green] {title:34} {support:>9} < {price(event.last_price):^9} < {resistance}"
