"""Makes aiokafka 0.14 heed an error that it overlooks, and that would send a group back to the beginning.

Kafka answers an OffsetFetch during a change of coordinator with one error for the whole answer, and no partitions.
aiokafka looks for errors of partitions only: it finds none, takes it that nothing was ever committed, and a group
that knows no better begins at the beginning. Private parts again: see docs/adr/0012.
"""

from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    GroupCoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorForGroupError,
    for_code,
)
from aiokafka.protocol.commit import OffsetFetchRequest

_MOVED = (NotCoordinatorForGroupError, GroupCoordinatorNotAvailableError)


def heed_group_errors(consumer: AIOKafkaConsumer) -> None:
    """To be called once, when the consumer is started and has not subscribed yet."""
    coordinator = consumer._coordinator
    send = coordinator._send_req

    async def send_and_look(request: Any) -> Any:
        response = await send(request)
        code = getattr(response, "error_code", 0) if isinstance(request, OffsetFetchRequest) else 0
        if code:
            kind: type[KafkaError] = for_code(code)
            if issubclass(kind, _MOVED):
                coordinator.coordinator_dead()
            raise kind(f"offsets of {coordinator.group_id} not fetched")
        return response

    coordinator._send_req = send_and_look
