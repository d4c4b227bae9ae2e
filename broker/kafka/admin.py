"""Administration of Kafka topics: create and describe them, delete records."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager

import structlog
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.structs import TopicPartition

from broker.kafka.errors import describe_error, to_send_error
from broker.kafka.options import connection_options
from broker.ports import Partition
from broker.topic_settings import TopicDescription, find_topic_problems
from runtime.errors import ConfigurationError, Transient
from runtime.settings import Settings
from schemas.topics import Topic

_log = structlog.get_logger(__name__)

_TIMEOUT = 30.0
_REQUEST_TIMEOUT = 10.0


async def create_topics(
    settings: Settings, topics: Sequence[Topic], partitions: int, replication: int
) -> Sequence[str]:
    """Create the missing topics and return their names; an existing one with other settings is logged and left.

    Raises ConfigurationError where Kafka refuses a topic, Transient where it may accept it later.
    """
    async with _open_admin(settings, "topics not created") as admin:
        return await _create_missing(admin, topics, partitions, replication)


async def describe_topics(
    settings: Settings, names: Collection[str], timeout: float
) -> Mapping[str, TopicDescription]:
    """Return those of the topics that exist. Raises Transient."""
    async with _open_admin(settings, "topics not described", timeout, timeout) as admin:
        return await _describe(admin, names)


async def delete_before(settings: Settings, offsets: Mapping[Partition, int]) -> None:
    """Delete the records below these offsets. Raises Transient; what was deleted by then stays deleted."""
    limits = {TopicPartition(*at): RecordsToDelete(before_offset=offset) for at, offset in offsets.items()}
    async with _open_admin(settings, "records not deleted") as admin:
        await admin.delete_records(limits)


@asynccontextmanager
async def _open_admin(
    settings: Settings, failure: str, timeout: float = _TIMEOUT, request_timeout: float = _REQUEST_TIMEOUT
) -> AsyncIterator[AIOKafkaAdminClient]:
    """Connect an admin client while inside; timeouts are in seconds. Raises Transient that begins with `failure`."""
    admin = AIOKafkaAdminClient(
        **connection_options(settings), request_timeout_ms=max(100, int(request_timeout * 1000))
    )
    try:
        async with asyncio.timeout(timeout):
            await admin.start()
            yield admin
    except (KafkaError, TimeoutError) as error:
        reason = describe_error(error) if str(error) else f"no answer within {timeout:g} s"
        raise Transient(f"{failure}: {reason}") from error
    finally:
        await admin.close()


async def _create_missing(
    admin: AIOKafkaAdminClient, topics: Sequence[Topic], partitions: int, replication: int
) -> Sequence[str]:
    existing = await _describe(admin, {topic.name for topic in topics})
    _warn_of_problems(existing, topics, partitions)
    missing = [
        NewTopic(topic.name, partitions, replication, topic_configs=topic.config)
        for topic in topics
        if topic.name not in existing
    ]
    if not missing:
        return []
    answer = await admin.create_topics(missing)
    return [name for name, code, *message in answer.topic_errors if _is_created(name, code, *message)]


def _is_created(name: str, code: int, message: str | None = None) -> bool:
    """Return False where another process created the topic first. Raises ConfigurationError, Transient."""
    kind: type[KafkaError] = for_code(code)
    if not code:
        return True
    if kind is TopicAlreadyExistsError:
        return False
    if kind.retriable:
        raise to_send_error(kind(message), name)
    raise ConfigurationError(f"topic {name} cannot be created: {kind.__name__}: {message}")


async def _describe(admin: AIOKafkaAdminClient, names: Collection[str]) -> Mapping[str, TopicDescription]:
    # All topics: asking by name would create a missing one on a cluster that creates topics automatically.
    partitions = {
        topic["topic"]: len(topic["partitions"])
        for topic in await admin.describe_topics()
        if topic["topic"] in names
    }
    resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in partitions]
    configs: dict[str, dict[str, str]] = {}
    for answer in await admin.describe_configs(resources) if resources else ():
        for code, message, _, name, entries in answer.resources:
            if code:
                raise to_send_error(for_code(code)(message), name)
            configs[name] = {entry[0]: entry[1] for entry in entries}
    return {name: TopicDescription(count, configs[name]) for name, count in partitions.items()}


def _warn_of_problems(
    existing: Mapping[str, TopicDescription], topics: Sequence[Topic], partitions: int
) -> None:
    for topic in topics:
        if topic.name in existing:
            for problem in find_topic_problems(topic, existing[topic.name], partitions):
                _log.warning(
                    "topic.other_settings", topic=topic.name, problem=problem.message, advice=problem.advice
                )
