"""`strandline tail`: follow topics line by line."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Annotated, Any

import typer

from broker.ports import Edge, Record
from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.topics import DEAD_LETTERS, FAILURES, PRICES, REQUESTS, RESULTS, WATCH_EVENTS
from strandline import options
from strandline.api_client import ApiClient
from strandline.tail.start import parse_start
from strandline.terminal import echo, echo_json

TOPICS = {
    "requests": REQUESTS.name,
    "results": RESULTS.name,
    "failures": FAILURES.name,
    "dead-letters": DEAD_LETTERS.name,
    "prices": PRICES.name,
    "watch-events": WATCH_EVENTS.name,
}
_STREAMED = {"results": "result", "failures": "failure", "prices": "price", "watch-events": "watch"}


def tail(
    topics: Annotated[list[str] | None, typer.Argument(help=", ".join(TOPICS), show_default=False)] = None,
    start: Annotated[str, typer.Option("--from", help="beginning, end, or a time")] = "end",
    market: Annotated[
        str | None, typer.Option(help="only this market, by its key, such as sim:spot:BTCUSDT:1h")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="print every record whole, one JSON object a line")
    ] = False,
    api: options.ApiUrl = None,
) -> None:
    """Follow topics live: results and failures unless others are named. Ctrl-C stops it."""
    chosen = topics or ["results", "failures"]
    for topic in chosen:
        if topic not in TOPICS:
            raise typer.BadParameter(f"unknown topic {topic!r}: use {', '.join(TOPICS)}")
    settings = Settings.load()
    follow = (
        _follow_kafka(settings, chosen, parse_start(start))
        if settings.kafka_bootstrap and api is None
        else _follow_api(settings, chosen, start, api)
    )
    asyncio.run(_print_events(follow, market, as_json))


async def _print_events(
    follow: AsyncGenerator[dict[str, Any], None], market: str | None, as_json: bool
) -> None:
    async with aclosing(follow) as events:
        async for event in events:
            if market is None or market_key(event) == market:
                if as_json:
                    echo_json(json.dumps(event, ensure_ascii=False))
                else:
                    echo(format_line(event))


async def _follow_kafka(
    settings: Settings, topics: list[str], start: Edge | datetime
) -> AsyncGenerator[dict[str, Any], None]:
    # Imported here because following the API needs no Kafka client.
    from broker.kafka.connect import connect_kafka  # noqa: PLC0415

    broker = connect_kafka(settings)
    try:
        async with broker.read([TOPICS[topic] for topic in topics], start) as reader:
            async for record in reader:
                yield _decode_record(record)
    finally:
        await broker.close()


async def _follow_api(
    settings: Settings, topics: list[str], start: str, api: str | None
) -> AsyncGenerator[dict[str, Any], None]:
    if start != "end" or not set(topics) <= set(_STREAMED):
        raise ConfigurationError(
            f"the API streams only {', '.join(_STREAMED)}, and only from now on: set STRANDLINE_KAFKA_BOOTSTRAP for "
            "other topics or earlier records"
        )
    async with ApiClient.from_settings(settings, api) as client:
        async for kind, payload in client.events(",".join(_STREAMED[topic] for topic in topics)):
            yield {"type": kind, "value": payload}


def format_line(event: dict[str, Any]) -> str:
    """Format an event as one line."""
    value = event["value"] if isinstance(event["value"], dict) else {}
    market = value.get("market")
    name = (
        ":".join(market[part] for part in ("exchange", "market_type", "symbol", "timeframe"))
        if market
        else "-"
    )
    location = _format_location(event)
    if "support_levels" in value:
        found = f"support {value['support_levels']}  resistance {value['resistance_levels']}"
        return f"{location}  {name}  {value['last_price']:g}  {found}"
    if "reason" in value:
        return f"{location}  {name}  {value['reason']}: {value['message']}"
    return f"{location}  {json.dumps(event['value'], ensure_ascii=False)}"


def market_key(event: dict[str, Any]) -> str | None:
    """Return the key, such as binance:spot:BTCUSDT:1h, of an event that has a market, or of a request."""
    value = event["value"] if isinstance(event["value"], dict) else {}
    market = value.get("market") or value
    try:
        return ":".join(market[part] for part in ("exchange", "market_type", "symbol", "timeframe"))
    except (KeyError, TypeError):
        return None


def _format_location(event: dict[str, Any]) -> str:
    if "topic" not in event:
        return str(event["type"])
    return f"{event['topic'].split('.')[1]}/{event['partition']}@{event['offset']}"


def _decode_record(record: Record) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key.decode(errors="replace") if record.key is not None else None,
        "headers": {
            name: value.decode(errors="replace") for name, value in record.headers if value is not None
        },
        "timestamp_ms": record.timestamp_ms,
        "value": _decode_value(record.value),
    }


def _decode_value(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")
