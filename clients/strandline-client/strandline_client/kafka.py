"""Events from Kafka, each once; needs the extra `kafka`. What they mean: docs/events.md."""

from __future__ import annotations

import json
import logging
import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

from strandline_client.recent import RecentIds
from strandline_client.state import Json, LatestCandles, LatestResults, OpenLevels

if TYPE_CHECKING:
    from confluent_kafka import Consumer

__all__ = [
    "LatestCandles",
    "LatestResults",
    "OpenLevels",
    "follow_candles",
    "follow_fires",
    "follow_levels",
    "follow_results",
]

_RESULT = "strandline.AnalysisCompleted.v1"
_UNCHANGED = "strandline.AnalysisUnchanged.v1"
_CANDLE = "strandline.CandleClosed.v1"
_FIRE = "strandline.WatchFired.v1"
_LEVEL_EVENTS = tuple(
    f"strandline.Level{kind}.v1"
    for kind in ("Appeared", "Approached", "Touched", "Bounced", "Broke", "Flipped", "Retired")
)
_RECENT_EVENTS = 100_000

_LASTING_ERRORS = frozenset(
    {
        "UNKNOWN_TOPIC_OR_PART",
        "TOPIC_AUTHORIZATION_FAILED",
        "GROUP_AUTHORIZATION_FAILED",
        "CLUSTER_AUTHORIZATION_FAILED",
        "SASL_AUTHENTICATION_FAILED",
        "_AUTHENTICATION",
    }
)
"""Those that librdkafka does not call fatal, and that no waiting ends."""

_log = logging.getLogger(__name__)


class Options(TypedDict, total=False):
    """How to read. Without a `group` it starts from the beginning each time.

    A group goes on where it was: an event counts as read when the next one is asked for. `config` adds settings of
    librdkafka, such as TLS. `topic_prefix` is the `STRANDLINE_TOPIC_PREFIX` of the installation.
    """

    group: str | None
    config: Mapping[str, Any]
    topic_prefix: str


def follow_results(bootstrap: str, *, closes: bool = False, **options: Unpack[Options]) -> Iterator[Json]:
    """Yield each result that is newer than the one before of its market, from the retained ones on, without end.

    With `closes`, a result is yielded again when a candle closes that changes none of its levels, with the `candle_at`
    of that candle. Raises KafkaException for an error that the client cannot recover from.
    """
    latest = LatestResults()
    topics = ["strandline.results.v1", *(["strandline.unchanged.v1"] if closes else [])]
    for kind, event in _follow(bootstrap, topics, (_RESULT, _UNCHANGED), options):
        is_newer = latest.move_on(event) if kind == _UNCHANGED else latest.apply(event)
        if is_newer:
            yield latest.get_of(event)


def follow_levels(bootstrap: str, **options: Unpack[Options]) -> Iterator[Json]:
    """Yield each event of a level once, from the retained ones on: 30 days, unless configured otherwise.

    `OpenLevels` makes the open levels of each market of them. Raises KafkaException as `follow_results` does.
    """
    seen = RecentIds(_RECENT_EVENTS)
    for _, event in _follow(bootstrap, ["strandline.levels.v1"], _LEVEL_EVENTS, options):
        if seen.add(event["event_id"]):
            yield event


def follow_fires(bootstrap: str, **options: Unpack[Options]) -> Iterator[Json]:
    """Yield each fire of a watch once, from the retained ones on. Raises KafkaException as `follow_results` does."""
    seen = RecentIds(_RECENT_EVENTS)
    for _, event in _follow(bootstrap, ["strandline.watch-events.v1"], (_FIRE,), options):
        if event["type"] == "fired" and seen.add(event["fire_id"]):
            yield event


def follow_candles(bootstrap: str, **options: Unpack[Options]) -> Iterator[Json]:
    """Yield each closed candle once, and again when its exchange has changed it, with a higher `revision`.

    They are those of the last three days, then new ones. Raises KafkaException as `follow_results` does.
    """
    latest = LatestCandles()
    for _, event in _follow(bootstrap, ["strandline.candles.v1"], (_CANDLE,), options):
        if latest.apply(event):
            yield event


def read_event(value: bytes | None, headers: Any, types: Sequence[str]) -> tuple[str, Json] | None:
    """Return type and event of a record; None for a tombstone, and for a type or version that is not among `types`.

    A record without a type is read as the first of them. One that cannot be read is logged and skipped, since it would
    end every reader of its topic.
    """
    kind = (dict(headers or ()).get("ce_type") or types[0].encode()).decode("utf-8", "replace")
    if value is None or kind not in types:
        return None
    try:
        event = json.loads(value)
    except ValueError as error:
        _log.warning("a record of type %s is skipped, since it is not JSON: %s", kind, error)
        return None
    return (kind, event) if isinstance(event, dict) else None


def _follow(
    bootstrap: str, topics: Sequence[str], types: Sequence[str], options: Options
) -> Iterator[tuple[str, Json]]:
    from confluent_kafka import Consumer  # noqa: PLC0415 - an extra

    consumer = Consumer(_configure(bootstrap, options))
    try:
        consumer.subscribe([options.get("topic_prefix", "") + topic for topic in topics])
        yield from _read(consumer, types, is_group=bool(options.get("group")))
    finally:
        consumer.close()


def _configure(bootstrap: str, options: Options) -> dict[str, Any]:
    group = options.get("group")
    return {
        "bootstrap.servers": bootstrap,
        "group.id": group or f"strandline-client-{uuid.uuid4()}",
        "enable.auto.commit": group is not None,
        # An event that is still being handled is not committed.
        "enable.auto.offset.store": False,
        "auto.offset.reset": "earliest",
        **options.get("config", {}),
    }


def _read(consumer: Consumer, types: Sequence[str], *, is_group: bool) -> Iterator[tuple[str, Json]]:
    from confluent_kafka import KafkaException  # noqa: PLC0415 - an extra

    while True:
        record = consumer.poll(1.0)
        if record is None:
            continue
        if (error := record.error()) is not None:
            if error.fatal() or error.name() in _LASTING_ERRORS:
                raise KafkaException(error)
            continue
        if (read := read_event(record.value(), record.headers(), types)) is not None:
            yield read
        if is_group:
            consumer.store_offsets(record)
