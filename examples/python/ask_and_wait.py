"""Ask Strandline for an analysis over Kafka, and wait for its answer.

pip install confluent-kafka
python ask_and_wait.py localhost:9092 BTCUSDT 1h
"""

import json
import sys
import time
import uuid

from confluent_kafka import Consumer, Producer, TopicPartition

ANSWERS = ("strandline.results.v1", "strandline.failures.v1")


def assign_ends(consumer: Consumer) -> None:
    """Read each partition of the answers from its present end, so that even an answer that comes at once is read."""
    ends = []
    for topic in ANSWERS:
        for partition in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            place = TopicPartition(topic, partition)
            _, place.offset = consumer.get_watermark_offsets(place, timeout=10)
            ends.append(place)
    consumer.assign(ends)


def publish(bootstrap: str, request: dict) -> None:
    producer = Producer({"bootstrap.servers": bootstrap, "acks": "all"})
    producer.produce("strandline.requests.v1", json.dumps(request).encode())
    if producer.flush(30):
        raise TimeoutError("Kafka did not acknowledge the request")


def await_answer(consumer: Consumer, request_id: str, seconds: float) -> dict:
    """Return the event that names the request: `request_ids` decides, never the record's key or id."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        record = consumer.poll(1.0)
        if record is None or record.error() or record.value() is None:
            continue
        event = json.loads(record.value())
        if request_id in event["request_ids"]:
            return event
    raise TimeoutError(f"no answer to {request_id} within {seconds} s; sending it again is safe")


bootstrap, symbol, timeframe = sys.argv[1:4]
request_id = str(uuid.uuid4())
consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": request_id, "enable.auto.commit": False})
assign_ends(consumer)  # before publishing
publish(bootstrap, {"symbol": symbol, "timeframe": timeframe, "request_id": request_id})
answer = await_answer(consumer, request_id, 60.0)
print(answer.get("reason", "completed"), answer.get("support_levels"), answer.get("resistance_levels"))
consumer.close()
