"""Making topics on Kafka: what is there already is left as it is."""

from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from broker.kafka.errors import while_sending
from runtime.errors import ConfigurationError
from schemas.topics import Topic

_log = structlog.get_logger(__name__)


async def create_missing(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], partitions: int, replication: int
) -> Sequence[str]:
    """Names of those created. Raises ConfigurationError where Kafka refuses one, Transient where it may yet take it."""
    # All of them: asking by name would make a missing one on a cluster that creates topics automatically.
    wanted = {topic.name for topic in topics}
    existing = {topic["topic"]: topic for topic in await admin.describe_topics() if topic["topic"] in wanted}
    _warn_of_fewer(existing, partitions)
    missing = [
        NewTopic(topic.name, partitions, replication, topic_configs=topic.config)
        for topic in topics
        if topic.name not in existing
    ]
    if not missing:
        return []
    answer = await admin.create_topics(missing)
    return [name for name, code, *told in answer.topic_errors if _created(name, code, *told)]


def _created(name: str, code: int, told: str | None = None) -> bool:
    """False when somebody else was quicker."""
    kind: type[KafkaError] = for_code(code)
    if not code:
        return True
    if kind is TopicAlreadyExistsError:
        return False
    if kind.retriable:
        raise while_sending(kind(told), name)
    raise ConfigurationError(f"topic {name} cannot be created: {kind.__name__}: {told}")


def _warn_of_fewer(existing: dict[str, Any], wanted: int) -> None:
    for name, topic in existing.items():
        if (there := len(topic["partitions"])) < wanted:
            _log.warning(
                "topic.fewer_partitions",
                topic=name,
                partitions=there,
                wanted=wanted,
                advice="left as it is: adding partitions moves keys; see kafka-topics.sh --alter",
            )
