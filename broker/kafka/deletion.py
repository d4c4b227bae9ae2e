"""Taking records off a Kafka topic for good: everything of a partition below an offset, since no single one can go."""

import asyncio
from collections.abc import Mapping

from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from broker.kafka import options as kafka_options
from broker.ports import Partition
from runtime.errors import Transient
from runtime.settings import Settings

_SECONDS = 30.0


async def delete_before(settings: Settings, offsets: Mapping[Partition, int]) -> None:
    """Delete what lies below these offsets. Raises Transient; what was deleted by then stays deleted."""
    admin = AIOKafkaAdminClient(**kafka_options.connection(settings), request_timeout_ms=10_000)
    wanted = {TopicPartition(*at): RecordsToDelete(before_offset=offset) for at, offset in offsets.items()}
    try:
        async with asyncio.timeout(_SECONDS):
            await admin.start()
            await admin.delete_records(wanted)
    except (KafkaError, TimeoutError) as error:
        raise Transient(f"not deleted: {type(error).__name__}: {error}") from error
    finally:
        await admin.close()
