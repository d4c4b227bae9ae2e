"""The Python client's followers on a real Kafka."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest
from confluent_kafka import KafkaException

from broker.kafka.connect import connect_kafka
from broker.ports import Message
from schemas.candles.closed import CandleClosed
from schemas.topics import (
    CANDLES,
    LEVELS,
    RESULTS,
    UNCHANGED,
    WATCH_EVENTS,
    Encoded,
    encode_candle,
    encode_completed,
    encode_level_event,
    encode_unchanged,
    encode_watch_event,
)
from strandline_client.kafka import follow_candles, follow_fires, follow_levels, follow_results
from tests.recipes.test_recipes import make_level_events
from tests.support.brokers import kafka_settings
from tests.support.events import (
    CANDLE,
    HOUR_MS,
    NOON,
    make_completed,
    make_expired,
    make_fired,
    make_market,
    make_unchanged,
)

COMPLETED = make_completed(last_price=1.5)
OLDER = make_completed(candle_at=CANDLE - HOUR_MS, last_price=2.5)
NEWER = make_completed(
    candle_at=CANDLE + 2 * HOUR_MS, analyzed_at=NOON + timedelta(hours=2), last_price=67_226.66
)
CLOSE = CandleClosed(
    exchange="binance",
    market_type="spot",
    symbol="BTCUSDT",
    timeframe="1h",
    open_at=NOON,
    open=1.0,
    high=2.0,
    low=0.5,
    close=1.5,
    volume=9.0,
    source="stream",
)


def encode_all() -> list[Encoded]:
    """Return events of every kind, with repeats and older ones, in the order in which they are published."""
    source = "/strandline/test"
    revised = CLOSE.model_copy(update={"close": 1.25, "revision": 1})
    return [
        *(encode_completed(one, source=source) for one in (COMPLETED, OLDER, COMPLETED)),
        encode_unchanged(make_unchanged(COMPLETED), source=source),
        *(encode_level_event(one, source=source) for one in make_level_events(make_market())),
        *(encode_watch_event(one, source=source) for one in (make_expired(), make_fired(), make_fired())),
        encode_watch_event(make_fired("another"), source=source),
        *(encode_candle(one, source=source, at=NOON) for one in (CLOSE, CLOSE, revised)),
    ]


NEWEST = encode_completed(NEWER, source="/strandline/test")


async def publish(bootstrap: str, prefix: str, *more: Encoded) -> None:
    """Publish all, and `more`, on topics of their own."""
    broker = connect_kafka(kafka_settings(bootstrap, topic_prefix=prefix))
    try:
        topics = (RESULTS, UNCHANGED, LEVELS, WATCH_EVENTS, CANDLES)
        await broker.create_topics(topics, partitions=2, replication=1)
        for record in [*encode_all(), *more]:
            await broker.publish(Message(record.topic, record.key, record.value, record.headers))
    finally:
        await broker.close()


async def take(events: Iterator[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Return the next events, read in a thread; then the follower is closed."""

    def read() -> list[Mapping[str, Any]]:
        with closing(events):  # type: ignore[type-var]  # it is a generator
            return list(islice(events, count))

    return await asyncio.to_thread(read)


@pytest.mark.timeout(180)
async def test_followers_yield_each_event_once_in_its_newest_version(
    kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    prefix = f"{unique('follow')}."
    await publish(kafka_bootstrap, prefix, NEWEST)
    results, levels, fires, candles = await asyncio.gather(
        take(follow_results(kafka_bootstrap, topic_prefix=prefix), 2),
        take(follow_levels(kafka_bootstrap, topic_prefix=prefix), 7),
        take(follow_fires(kafka_bootstrap, topic_prefix=prefix), 2),
        take(follow_candles(kafka_bootstrap, topic_prefix=prefix), 2),
    )
    assert [result["last_price"] for result in results] == [1.5, 67_226.66]
    published = [json.loads(event.model_dump_json()) for event in make_level_events(make_market())]
    assert levels == published[:7]
    assert sorted(fire["watch_id"] for fire in fires) == ["another", "w"]
    assert [(candle["revision"], candle["close"]) for candle in candles] == [(0, 1.5), (1, 1.25)]


@pytest.mark.timeout(180)
async def test_group_goes_on_with_the_event_that_was_not_finished(
    kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    prefix = f"{unique('follow')}."
    await publish(kafka_bootstrap, prefix, NEWEST)
    options: Any = {"topic_prefix": prefix, "group": unique("group")}
    first = await take(follow_results(kafka_bootstrap, **options), 2)
    again = await take(follow_results(kafka_bootstrap, **options), 1)
    assert again == first[1:]


@pytest.mark.timeout(180)
async def test_results_move_on_with_quiet_closes(kafka_bootstrap: str, unique: Callable[[str], str]) -> None:
    prefix = f"{unique('follow')}."
    await publish(kafka_bootstrap, prefix)
    quiet = json.loads(make_unchanged(COMPLETED).model_dump_json())
    results = follow_results(kafka_bootstrap, closes=True, topic_prefix=prefix)
    (moved,) = await take((one for one in results if one["candle_at"] == quiet["candle_at"]), 1)
    assert (moved["analyzed_at"], moved["input_limit"]) == (quiet["analyzed_at"], quiet["input_limit"])
    assert (moved["last_price"], moved["levels"]) == (1.5, json.loads(COMPLETED.model_dump_json())["levels"])


async def test_follower_of_a_topic_that_is_not_there_raises(
    kafka_bootstrap: str, unique: Callable[[str], str]
) -> None:
    follower = follow_results(kafka_bootstrap, topic_prefix=unique("nowhere"))
    with pytest.raises(KafkaException, match="UNKNOWN_TOPIC"):
        await asyncio.wait_for(asyncio.to_thread(next, follower), 60.0)
