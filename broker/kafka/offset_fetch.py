"""Makes aiokafka 0.14 raise a group-level error of OffsetFetch that would reset a group to the beginning.

During a change of coordinator Kafka answers an OffsetFetch with one error for the whole response and no partitions.
aiokafka checks errors of partitions only: it finds none, concludes that nothing was ever committed, and the group
starts at the beginning. This uses private members of aiokafka: see docs/adr/0012.
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


def raise_group_errors(consumer: AIOKafkaConsumer) -> None:
    """Patch a consumer, once, after its start and before it subscribes."""
    coordinator = consumer._coordinator
    send = coordinator._send_req

    async def send_and_check(request: Any) -> Any:
        response = await send(request)
        code = getattr(response, "error_code", 0) if isinstance(request, OffsetFetchRequest) else 0
        if code:
            kind: type[KafkaError] = for_code(code)
            if issubclass(kind, _MOVED):
                coordinator.coordinator_dead()
            raise kind(f"offsets of {coordinator.group_id} not fetched")
        return response

    coordinator._send_req = send_and_check
