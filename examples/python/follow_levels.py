"""Follow the events of levels and keep the open levels of each market.

pip install confluent-kafka
python follow_levels.py localhost:9092
"""

import json
import sys
from collections.abc import Iterator

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

TOPIC = "strandline.levels.v1"


def read_events(bootstrap: str) -> Iterator[dict]:
    """Yield the retained events, 30 days of them, then new ones: those of a market are in order."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "follow-levels", "enable.auto.commit": False}
    )
    partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, partition, OFFSET_BEGINNING) for partition in partitions])
    while True:
        record = consumer.poll(1.0)
        if record is None or record.value() is None:
            continue
        if record.error():
            print(record.error(), file=sys.stderr)  # the client goes on by itself
        elif is_level_event(dict(record.headers() or ()).get("ce_type", b"")):
            yield json.loads(record.value())


def is_level_event(kind: bytes) -> bool:
    """Other versions are not for this program."""
    return kind.startswith(b"strandline.Level") and kind.endswith(b".v1")


def market_key(event: dict) -> str:
    return ":".join(event["market"][part] for part in ("exchange", "market_type", "symbol", "timeframe"))


markets: dict[str, dict[str, dict]] = {}
seen: set[str] = set()
for event in read_events(sys.argv[1]):
    # A live event is repeated at the close as confirmed or withdrawn; after a crash all are published again.
    if event["event_id"] in seen or event.get("stage", "confirmed") != "confirmed":
        continue
    seen.add(event["event_id"])
    levels = markets.setdefault(market_key(event), {})
    level = event["level_id"]
    if event["type"] == "retired":
        levels.pop(level, None)
    elif event["type"] == "appeared" or level in levels:  # else it appeared before the retained events
        levels[level] = levels.get(level, {}) | event
    prices = sorted(one["price"] for one in levels.values())
    print(market_key(event), event["type"], level, prices, flush=True)
