"""Converts aiokafka's records and partitions to ours, and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from broker.ports import Partition, Record, RecordsLost


def to_records(fetched: Mapping[Any, Iterable[Any]]) -> list[Record]:
    """Convert what `getmany` returned; each partition stays in order."""
    return [_to_record(raw) for batch in fetched.values() for raw in batch]


def _to_record(raw: Any) -> Record:
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple((name, bytes(value or b"")) for name, value in raw.headers),
        timestamp_ms=raw.timestamp,
    )


def to_topic_partitions(partitions: Iterable[Partition]) -> list[Any]:
    """Convert our partitions to aiokafka's."""
    return [TopicPartition(*partition) for partition in partitions]


def to_partitions(partitions: Iterable[Any]) -> list[Partition]:
    """Convert aiokafka's partitions to ours, sorted."""
    return sorted(Partition(*partition) for partition in partitions)


def build_loss_error(partition: Partition, position: int, first: int) -> RecordsLost:
    """Build the error for a `position` that is not on the log, whose first offset is `first`.

    It was removed by retention, or is past the end: a topic that was created again starts at 0.
    """
    topic, number = partition
    message = (
        f"offsets {position} to {first - 1} were removed by retention before they were read"
        if position < first
        else f"offset {position} is past the end: the topic was truncated or created again; reading from {first}"
    )
    return RecordsLost(partition, first, f"{topic}/{number}: {message}")


def build_topic_recreated(partition: Partition, first: int) -> RecordsLost:
    """Build the error for a topic that was deleted and created again: its records are others, under old offsets."""
    topic, number = partition
    return RecordsLost(
        partition, first, f"{topic}/{number}: the topic was deleted and created again; reading from {first}"
    )
