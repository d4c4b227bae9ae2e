"""Keeps aiokafka 0.14 from creating topics.

Its metadata requests let a broker with `auto.create.topics.enable` (Kafka's default) create each topic they name: with
one partition, and without the retention or compaction that the topic needs. aiokafka has no option against it, so this
replaces the request in its client module: see docs/adr/0012.
"""

import aiokafka.client
from aiokafka.protocol.metadata import MetadataRequest


class _ReadOnlyMetadataRequest(MetadataRequest):  # type: ignore[misc]
    def __init__(self, topics: list[str] | None = None) -> None:
        super().__init__(topics, allow_auto_topic_creation=False)


def forbid_topic_creation() -> None:
    """Let no client of this process create a topic by asking for it. Repeating it changes nothing."""
    aiokafka.client.MetadataRequest = _ReadOnlyMetadataRequest
