"""Results from Kafka, kept by the rule that the tables follow; `follow_results` needs the extra `kafka`."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

TOPIC = "strandline.results.v1"
EVENT_TYPE = "strandline.AnalysisCompleted.v1"

Market = tuple[str, str, str, str]


class LatestResults:
    """The newest result of each market.

    The last record of a market may be older than one before it: an analyzer that was suspended may have published it.
    A result replaces one with an earlier `candle_at`, or with the same and an earlier `analyzed_at`.
    """

    def __init__(self) -> None:
        self._results: dict[Market, tuple[tuple[datetime, datetime], Mapping[str, Any]]] = {}

    def apply(self, event: Mapping[str, Any]) -> bool:
        """Take an AnalysisCompleted; return whether it is newer than what was known of its market."""
        market, version = _market_of(event), _version_of(event)
        if market in self._results and version <= self._results[market][0]:
            return False
        self._results[market] = version, event
        return True

    def get(self, key: str) -> Mapping[str, Any] | None:
        """Return the newest result of a market key such as `binance:spot:BTCUSDT:1h`."""
        exchange, market_type, symbol, timeframe = key.split(":")
        known = self._results.get((exchange, market_type, symbol, timeframe))
        return known[1] if known is not None else None

    def __len__(self) -> int:
        return len(self._results)


def follow_results(
    bootstrap: str, *, group: str | None = None, config: Mapping[str, Any] | None = None
) -> Iterator[Mapping[str, Any]]:
    """Yield each result that is newer than the one before of its market, from the retained ones on, without end.

    Without a `group` it starts from the beginning each time. `config` adds settings of librdkafka, such as TLS.
    Raises KafkaException for an error that the client cannot recover from.
    """
    from confluent_kafka import Consumer, KafkaException  # noqa: PLC0415 - an extra

    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap,
            "group.id": group or f"strandline-client-{uuid.uuid4()}",
            "enable.auto.commit": group is not None,
            "auto.offset.reset": "earliest",
            **(config or {}),
        }
    )
    latest = LatestResults()
    try:
        consumer.subscribe([TOPIC])
        while True:
            record = consumer.poll(1.0)
            if record is None:
                continue
            if (error := record.error()) is not None:
                if error.fatal():
                    raise KafkaException(error)
                continue
            event = read_result(record.value(), record.headers() or ())
            if event is not None and latest.apply(event):
                yield event
    finally:
        consumer.close()


def read_result(value: bytes | None, headers: Any = ()) -> Mapping[str, Any] | None:
    """Return the event of a record; None for a tombstone and for an event of another type or version."""
    kind = dict(headers).get("ce_type", EVENT_TYPE.encode())
    if value is None or kind != EVENT_TYPE.encode():
        return None
    event: Mapping[str, Any] = json.loads(value)
    return event


def _market_of(event: Mapping[str, Any]) -> Market:
    market = event["market"]
    return market["exchange"], market["market_type"], market["symbol"], market["timeframe"]


def _version_of(event: Mapping[str, Any]) -> tuple[datetime, datetime]:
    return datetime.fromisoformat(event["candle_at"]), datetime.fromisoformat(event["analyzed_at"])
