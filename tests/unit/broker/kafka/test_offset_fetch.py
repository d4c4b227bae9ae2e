"""An answer without partitions is no proof that nothing was committed."""

from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.errors import GroupLoadInProgressError, KafkaError, NotCoordinatorForGroupError
from aiokafka.protocol.commit import OffsetFetchResponse_v3
from aiokafka.structs import OffsetAndMetadata, TopicPartition

from broker.kafka.offset_fetch import raise_group_errors

AT = TopicPartition("requests", 0)
FOUND = [("requests", [(0, 973, "", 0)])]


class Coordinator:
    """The part of aiokafka's that fetches offsets, with answers of our own."""

    group_id = "g"
    _do_fetch_commit_offsets = GroupCoordinator._do_fetch_commit_offsets

    def __init__(self, response: Any) -> None:
        self._response = response
        self.dead = False

    async def _send_req(self, _request: object) -> Any:
        return self._response

    def coordinator_dead(self) -> None:
        self.dead = True


def heeding(topics: list[Any], error_code: int) -> Coordinator:
    coordinator = Coordinator(OffsetFetchResponse_v3(0, topics, error_code))
    raise_group_errors(SimpleNamespace(_coordinator=coordinator))
    return coordinator


async def test_offset_fetch_finds_committed_offsets() -> None:
    assert await heeding(FOUND, 0)._do_fetch_commit_offsets([AT]) == {AT: OffsetAndMetadata(973, "")}


@pytest.mark.parametrize(
    ("code", "error", "dead"),
    [(14, GroupLoadInProgressError, False), (16, NotCoordinatorForGroupError, True)],
)
async def test_offset_fetch_retries_a_response_that_failed_as_a_whole(
    code: int, error: type[KafkaError], dead: bool
) -> None:
    coordinator = heeding([], code)
    with pytest.raises(error) as caught:
        await coordinator._do_fetch_commit_offsets([AT])
    assert caught.value.retriable
    assert coordinator.dead is dead


async def test_unpatched_aiokafka_takes_the_failure_for_no_commit() -> None:
    """When this fails, aiokafka was mended and `kafka_offset_fetch` can go."""
    assert await Coordinator(OffsetFetchResponse_v3(0, [], 16))._do_fetch_commit_offsets([AT]) == {}
