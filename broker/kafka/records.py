"""Between aiokafka's tuples and ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from aiokafka import TopicPartition

from broker.ports import Partition, Record, RecordsLost


def records_of(fetched: Mapping[Any, Iterable[Any]]) -> list[Record]:
    """What `getmany` returned, each partition in its order."""
    return [_record(raw) for batch in fetched.values() for raw in batch]


def _record(raw: Any) -> Record:
    return Record(
        topic=raw.topic,
        partition=raw.partition,
        offset=raw.offset,
        key=raw.key,
        value=raw.value,
        headers=tuple((name, bytes(value or b"")) for name, value in raw.headers),
        timestamp_ms=raw.timestamp,
    )


def theirs(partitions: Iterable[Partition]) -> list[Any]:
    return [TopicPartition(*partition) for partition in partitions]


def ours(partitions: Iterable[Any]) -> list[Partition]:
    return sorted(Partition(*partition) for partition in partitions)


def lost(partition: Partition, position: int, first: int) -> RecordsLost:
    """`position` is not on the log any more (or not yet: a topic made anew begins at 0 again); `first` is."""
    topic, number = partition
    told = (
        f"offsets {position} to {first - 1} were removed by retention before they were read"
        if position < first
        else f"offset {position} is past the end: the topic was truncated or made anew; reading on from {first}"
    )
    return RecordsLost(partition, first, f"{topic}/{number}: {told}")
