"""Run the embedded pipeline on a terminal: print its addresses, its first results, and what to do next."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial

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
from strandline.levels.table import format_market, format_price
from strandline.program import command_name
from strandline.up.patience import Patience
from strandline.up.pipeline import FIRST_MARKETS, Pipeline, has_pending, open_pipeline, run_roles

_WRITE_TIMEOUT = 60.0


async def run(settings: Settings, console: Console) -> None:
    """Run until a signal. Raises what stopped a role."""
    patience = Patience(console.print)
    try:
        async with stop_on_signals() as stop, open_pipeline(settings, patience) as pipeline:
            await _run(pipeline, console, stop, patience)
    except ExceptionGroup as group:
        raise _root_cause(group) from group
    console.print("stopped; the results are stored", soft_wrap=True)


def _root_cause(group: ExceptionGroup[Exception]) -> Exception:
    """Return the first exception of a group, which caused the others."""
    inner = group.exceptions[0]
    return _root_cause(inner) if isinstance(inner, ExceptionGroup) else inner


async def _run(pipeline: Pipeline, console: Console, stop: asyncio.Event, patience: Patience) -> None:
    async with (
        pipeline.broker.read([RESULTS.name, FAILURES.name], Edge.END) as reader,
        run_roles(pipeline, patience) as url,
    ):
        _print_addresses(pipeline, url, console)
        requests = await _request_first_markets(pipeline, patience)
        console.print(f"    {'market':34} {'support':>9} < {'price':^9} < resistance", soft_wrap=True)
        showing = asyncio.create_task(_show_results(pipeline, reader, requests, console, patience))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({showing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not stop.is_set():
                showing.result()
                _print_next_steps(url, console)
            await stop.wait()
            console.print("stopping: finishing the work in flight", soft_wrap=True)
        finally:
            for task in (showing, stopping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task


def _print_addresses(pipeline: Pipeline, url: str, console: Console) -> None:
    settings = pipeline.settings
    console.print(f"  page      {url}/", soft_wrap=True)
    console.print(f"  results   {url}/api/v1/analysis/results", soft_wrap=True)
    console.print(f"  data      {settings.data_dir}/ (delete it to start over)", soft_wrap=True)
    if settings.exchange == SIMULATED:
        # Printed so that its prices can be set (`POST /simulator/price`).
        simulator = str(settings.exchange_urls[SIMULATED]).rstrip("/")
        console.print(f"  exchange  sim: made-up markets at {simulator}, never real prices", soft_wrap=True)
    if pipeline.left_over:
        console.print(
            f"  finishing {len(pipeline.left_over)} requests that an earlier run left queued", soft_wrap=True
        )


def _print_next_steps(url: str, console: Console) -> None:
    where = "" if url.endswith(":8000") else f" --api {url}"
    console.print("Ready. Request more in another terminal, or press Ctrl-C to stop:", soft_wrap=True)
    console.print(f"  {command_name()} request ADA/USDT 4h --wait{where}", soft_wrap=True)
    console.print(f"  {command_name()} tail{where}", soft_wrap=True)


async def _request_first_markets(pipeline: Pipeline, patience: Patience) -> dict[str, AnalysisRequested]:
    """Request a few markets; return these and the requests that an earlier run left, by id."""
    requests = {request.request_id: request for request in pipeline.left_over}
    now = datetime.now(UTC)
    for symbol, market_type, timeframe in FIRST_MARKETS:
        body = {"symbol": symbol, "market_type": market_type, "timeframe": timeframe}
        request_id = f"up:{symbol}:{market_type}:{timeframe}:{int(time.time())}"
        request = AnalysisRequested.read(
            body, exchange=pipeline.settings.exchange, request_id=request_id, at=now
        )
        await patience.wait_for(partial(pipeline.publisher.publish, request))
        requests[request_id] = request
    return requests


async def _show_results(
    pipeline: Pipeline,
    reader: Reader,
    requests: dict[str, AnalysisRequested],
    console: Console,
    patience: Patience,
) -> None:
    await _show(reader, requests, console)
    # An event is on its topic a moment before the sink has written the row that the page reads.
    try:
        async with asyncio.timeout(_WRITE_TIMEOUT):
            while await patience.wait_for(partial(has_pending, pipeline, requests)):  # noqa: ASYNC110 (a table offers no event to wait for)
                await asyncio.sleep(0.05)
    except TimeoutError:
        console.print(
            "  the table is not up to date yet; the page will show these results when it is", soft_wrap=True
        )


async def _show(reader: Reader, requests: dict[str, AnalysisRequested], console: Console) -> None:
    columns = (TextColumn("analysing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    left = set(requests)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("analysing", total=len(requests))
        async for event in _read_outcomes(reader):
            mine = left & set(event.request_ids)
            if not mine:
                continue
            left -= mine
            progress.advance(task, len(mine))
            progress.console.print(_format_outcome(event, requests[next(iter(mine))]), soft_wrap=True)
            if not left:
                return


async def _read_outcomes(reader: Reader) -> AsyncIterator[AnalysisCompleted | AnalysisFailed]:
    async for record in reader:
        kind = AnalysisFailed if record.topic == FAILURES.name else AnalysisCompleted
        with suppress(ValidationError):  # a record of another producer on a shared Kafka
            yield kind.model_validate_json(record.value or b"")


def _format_outcome(event: AnalysisCompleted | AnalysisFailed, request: AnalysisRequested) -> str:
    title = format_market(request.exchange, request.market_type, request.symbol, request.timeframe)
    if isinstance(event, AnalysisFailed):
        return f"  [red]✗[/red] {title:40}  {event.reason}: {event.message}"
    support = format_price(max(event.support_levels)) if event.support_levels else "none"
    resistance = format_price(min(event.resistance_levels)) if event.resistance_levels else "none"
    return f"  [green]✓[/green] {title:34} {support:>9} < {format_price(event.last_price):^9} < {resistance}"
