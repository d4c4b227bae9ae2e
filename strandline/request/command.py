"""`strandline request`: publish one request, and with --wait print its levels."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import typer
from rich.console import Console

from broker.ports import Broker
from runtime.errors import StrandlineError
from runtime.settings import Settings
from runtime.trace_export import export_traces
from runtime.tracing import SpanKind, span
from schemas.events import AnalysisCompleted
from schemas.http.results import ResultDetail
from schemas.requests import AnalysisRequested
from strandline import options
from strandline.api_client import ApiClient
from strandline.levels.table import format_market, print_levels
from strandline.request.existing_answers import find_in_database, find_on_topic
from strandline.request.reply import Answer, request_over_http, request_over_kafka
from strandline.terminal import is_utf


def request(
    market: options.Market,
    timeframe: options.Timeframe = None,
    market_type: options.MarketType = "spot",
    limit: options.Limit = 2_000,
    params: options.Params = "{}",
    request_id: Annotated[str | None, typer.Option(help="your own id; sending one twice is safe")] = None,
    wait: Annotated[bool, typer.Option("--wait", "-w", help="wait for the levels and print them")] = False,
    timeout: Annotated[float, typer.Option(help="how many seconds to wait at most")] = 120.0,
    as_json: options.AsJson = False,
    api: options.ApiUrl = None,
) -> None:
    """Request an analysis: on Kafka where STRANDLINE_KAFKA_BOOTSTRAP is set, else through the API of a running `up`."""
    settings = Settings.load()
    body = options.build_request_body(market, timeframe, market_type, limit, params, request_id=request_id)
    with (
        Console(stderr=True).status(
            f"{' '.join(market)}: {'waiting for its levels' if wait else 'publishing'}"
        ),
        export_traces(settings, "cli"),
    ):
        answer = asyncio.run(_request(settings, body, timeout if wait else 0.0, api))
    _print(Console(), answer, as_json=as_json)
    if answer.failure is not None:
        raise StrandlineError(f"the request failed: {answer.failure}")


async def _request(settings: Settings, body: Mapping[str, Any], wait: float, api: str | None) -> Answer:
    with span("strandline request", {"strandline.symbol": body["symbol"]}, SpanKind.CLIENT):
        return await _send(settings, body, wait, api)


async def _send(settings: Settings, body: Mapping[str, Any], wait: float, api: str | None) -> Answer:
    if settings.kafka_bootstrap and api is None:
        # Imported here because the API needs no Kafka client and starts faster without.
        from broker.kafka.connect import connect_kafka  # noqa: PLC0415

        completed = options.complete_request(body, exchange=settings.exchange)
        broker = connect_kafka(settings)
        try:
            # A new id has no earlier answer.
            find_earlier = _earlier_answer(settings, broker) if wait and "request_id" in body else None
            return await request_over_kafka(broker, completed, wait=wait, find_earlier=find_earlier)
        finally:
            await broker.close()
    async with ApiClient.from_settings(settings, api) as client:
        return await request_over_http(client, body, wait=wait)


def _earlier_answer(
    settings: Settings, broker: Broker
) -> Callable[[AnalysisRequested], Awaitable[AnalysisCompleted | ResultDetail | None]]:
    """Return a function that finds an earlier answer to the same id."""

    async def find(request: AnalysisRequested) -> AnalysisCompleted | ResultDetail | None:
        if settings.database_url is not None:
            return await find_in_database(settings.require_database_url(), request)
        return await find_on_topic(broker, request)

    return find


def _print(console: Console, answer: Answer, *, as_json: bool) -> None:
    if as_json or (answer.found is None and answer.failure is None):
        console.print_json(data=answer.payload, ensure_ascii=not is_utf(console))
    elif answer.found is not None:
        row = answer.found if not hasattr(answer.found, "market") else answer.found.market
        title = format_market(row.exchange, row.market_type, row.symbol, row.timeframe)
        print_levels(console, answer.found, title=title)
