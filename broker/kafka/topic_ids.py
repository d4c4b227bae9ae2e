"""The ids of topics: a topic that was deleted and created again has another one, though it has the same name.

aiokafka 0.14 stops at version 5 of Metadata; Kafka sends ids from version 10 on. The layout is that of version 12:
https://kafka.apache.org/protocol#The_Messages_Metadata
"""

import asyncio
from collections.abc import Collection, Mapping
from io import BytesIO
from uuid import UUID

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_TIMEOUT = 2.0
_METADATA = 3
_VERSION = 12
_NO_ID = UUID(int=0)


class TopicIds:
    """Remembers the ids of `topics`, and looks them up at most once in `interval` seconds."""

    def __init__(self, topics: Collection[str], interval: float) -> None:
        self._topics = topics
        self._interval = interval
        self._known: dict[str, UUID] = {}
        self._next_at = 0.0

    async def find_recreated(self, consumer: AIOKafkaConsumer) -> frozenset[str]:
        """Return the topics that were created again since the last look."""
        now = asyncio.get_running_loop().time()
        if now < self._next_at:
            return frozenset()
        self._next_at = now + self._interval
        found = await fetch_topic_ids(consumer, self._topics)
        recreated = {name for name, topic_id in found.items() if self._known.get(name, topic_id) != topic_id}
        self._known.update(found)
        return frozenset(recreated)


async def fetch_topic_ids(consumer: AIOKafkaConsumer, topics: Collection[str]) -> Mapping[str, UUID]:
    """Return the ids of those topics that exist; none where the broker does not answer in time or is too old."""
    node = consumer._client.get_random_node()
    if node is None or not topics:
        return {}
    try:
        async with asyncio.timeout(_TIMEOUT):
            answer = await consumer._client.send(node, _TopicIdsRequest(topics))
    except (
        KafkaError,
        TimeoutError,
        NotImplementedError,
    ):  # a broker before 2.8 does not implement the version
        return {}
    return {name: topic_id for error, name, topic_id, *_ in answer.topics if not error and topic_id != _NO_ID}


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]
    @classmethod
    def encode(cls, value: UUID) -> bytes:
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        return UUID(bytes=data.read(16))


class _Response(Response):  # type: ignore[misc]
    API_KEY = _METADATA
    API_VERSION = _VERSION
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("name", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition_index", Int32),
                        ("leader_id", Int32),
                        ("leader_epoch", Int32),
                        ("replica_nodes", CompactArray(Int32)),
                        ("isr_nodes", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("topic_authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("tags", TaggedFields),
    )


class _RequestStruct(RequestStruct):  # type: ignore[misc]
    FLEXIBLE_VERSION = True
    API_KEY = _METADATA
    API_VERSION = _VERSION
    RESPONSE_TYPE = _Response
    SCHEMA = Schema(
        (
            "topics",
            CompactArray(("topic_id", _Uuid), ("name", CompactString("utf-8")), ("tags", TaggedFields)),
        ),
        ("allow_auto_topic_creation", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class _TopicIdsRequest(Request[_RequestStruct]):  # type: ignore[misc]
    API_KEY = _METADATA

    def __init__(self, topics: Collection[str]) -> None:
        self._topics = topics

    def build(self, request_struct_class: type[_RequestStruct]) -> _RequestStruct:
        no_tags: dict[int, bytes] = {}
        topics = [(_NO_ID, name, no_tags) for name in self._topics]
        return request_struct_class(topics, False, False, no_tags)
