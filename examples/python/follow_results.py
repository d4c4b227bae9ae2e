"""Follow Strandline's results and keep the newest of each market.

pip install confluent-kafka
python follow_results.py localhost:9092
"""

import json
import sys
from collections.abc import Iterator
from datetime import datetime

from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

TOPIC = "strandline.results.v1"
TYPE = b"strandline.AnalysisCompleted.v1"


def read_results(bootstrap: str) -> Iterator[dict]:
    """Yield all retained results, then new ones. The topic is compacted, so that each start rebuilds the state."""
    consumer = Consumer(
        {"bootstrap.servers": bootstrap, "group.id": "follow-results", "enable.auto.commit": False}
    )
    partitions = consumer.list_topics(TOPIC, timeout=10).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, partition, OFFSET_BEGINNING) for partition in partitions])
    while True:
        record = consumer.poll(1.0)
        if record is None or record.value() is None:
            continue
        if record.error():
            print(record.error(), file=sys.stderr)  # the client goes on by itself
        elif dict(record.headers() or ()).get("ce_type") == TYPE:  # other versions are not for this program
            yield json.loads(record.value())


def market_key(event: dict) -> str:
    return ":".join(event["market"][part] for part in ("exchange", "market_type", "symbol", "timeframe"))


def version(event: dict) -> tuple[datetime, datetime]:
    """The guard: later candle, then later analysis. The last record of a market may be older than one before it."""
    return datetime.fromisoformat(event["candle_at"]), datetime.fromisoformat(event["analyzed_at"])


newest: dict[str, dict] = {}
for event in read_results(sys.argv[1]):
    key = market_key(event)
    if key not in newest or version(event) > version(newest[key]):
        newest[key] = event
        print(key, event["candle_at"], event["last_price"], event["support_levels"], flush=True)
