"""`strandline tail`: what happens on a topic, line by line, for a person or a pipe."""

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
    """Follow topics as things happen: results and failures unless others are named. Ctrl-C ends it."""
    chosen = topics or ["results", "failures"]
    for topic in chosen:
        if topic not in TOPICS:
            raise typer.BadParameter(f"topic {topic!r} is none of {', '.join(TOPICS)}")
    settings = Settings.load()
    follow = (
        _kafka(settings, chosen, read_start(start))
        if settings.kafka_bootstrap and api is None
        else _api(settings, chosen, start, api)
    )
    asyncio.run(_show(follow, market, as_json))


async def _show(follow: AsyncGenerator[dict[str, Any], None], market: str | None, as_json: bool) -> None:
    async with aclosing(follow) as events:
        async for shown in events:
            if market is None or market_key(shown) == market:
                typer.echo(json.dumps(shown, ensure_ascii=False) if as_json else line(shown))


async def _kafka(
    settings: Settings, topics: list[str], start: Edge | datetime
) -> AsyncGenerator[dict[str, Any], None]:
    # Here, for whoever asks the API needs no Kafka client.
    from broker.kafka.broker import KafkaBroker  # noqa: PLC0415

    broker = KafkaBroker(settings)
    try:
        async with broker.read([TOPICS[topic] for topic in topics], start) as reader:
            async for record in reader:
                yield _shown(record)
    finally:
        await broker.close()


async def _api(
    settings: Settings, topics: list[str], start: str, api: str | None
) -> AsyncGenerator[dict[str, Any], None]:
    if start != "end" or not set(topics) <= set(_STREAMED):
        raise ConfigurationError(
            f"the API streams {', '.join(_STREAMED)} from now on; set STRANDLINE_KAFKA_BOOTSTRAP for more"
        )
    async with ApiClient.of(settings, api) as client:
        async for kind, payload in client.events(",".join(_STREAMED[topic] for topic in topics)):
            yield {"type": kind, "value": payload}


class BadStart(ValueError):
    """What was written is no place to begin reading at."""


def read_start(written: str) -> Edge | datetime:
    """`beginning`, `end` or a time. Raises BadStart."""
    if written in {edge.value for edge in Edge}:
        return Edge(written)
    try:
        time = datetime.fromisoformat(written)
    except ValueError:
        raise BadStart(f"--from {written!r}: beginning, end, or a time like 2026-11-22T13:00:00Z") from None
    return time if time.tzinfo else time.astimezone()


def line(shown: dict[str, Any]) -> str:
    """One event in a line that fits a terminal."""
    value = shown["value"] if isinstance(shown["value"], dict) else {}
    market = value.get("market")
    name = (
        ":".join(market[part] for part in ("exchange", "market_type", "symbol", "timeframe"))
        if market
        else "-"
    )
    where = _where(shown)
    if "support_levels" in value:
        found = f"support {value['support_levels']}  resistance {value['resistance_levels']}"
        return f"{where}  {name}  {value['last_price']:g}  {found}"
    if "reason" in value:
        return f"{where}  {name}  {value['reason']}: {value['message']}"
    return f"{where}  {json.dumps(shown['value'], ensure_ascii=False)}"


def market_key(shown: dict[str, Any]) -> str | None:
    """`binance:spot:BTCUSDT:1h` of an event that has a market, or of a request."""
    value = shown["value"] if isinstance(shown["value"], dict) else {}
    market = value.get("market") or value
    try:
        return ":".join(market[part] for part in ("exchange", "market_type", "symbol", "timeframe"))
    except (KeyError, TypeError):
        return None


def _where(shown: dict[str, Any]) -> str:
    if "topic" not in shown:
        return str(shown["type"])
    return f"{shown['topic'].split('.')[1]}/{shown['partition']}@{shown['offset']}"


def _shown(record: Record) -> dict[str, Any]:
    return {
        "topic": record.topic,
        "partition": record.partition,
        "offset": record.offset,
        "key": record.key.decode(errors="replace") if record.key is not None else None,
        "headers": {
            name: value.decode(errors="replace") for name, value in record.headers if value is not None
        },
        "timestamp_ms": record.timestamp_ms,
        "value": _readable(record.value),
    }


def _readable(value: bytes | None) -> Any:
    if value is None:
        return None
    try:
        return json.loads(value)
    except ValueError:
        return value.decode(errors="replace")
