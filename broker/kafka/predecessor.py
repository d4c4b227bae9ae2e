"""Removes dead predecessors of this process from a consumer group.

Kafka learns of a killed member only when its session times out; until then its partitions rest, and every rebalance
waits for it. The process that is started in its place need not wait: it removes members whose process is certainly
gone. See docs/adr/0037.
"""

import asyncio
import functools
import os
import secrets
import socket
from collections.abc import Callable, Iterable
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError
from aiokafka.protocol.admin import DescribeGroupsRequest
from aiokafka.protocol.group import LeaveGroupRequest

_log = structlog.get_logger(__name__)

_SECONDS = 3.0
_PREFIX = "strandline"


class ProcessName(NamedTuple):
    """Names a process among all that run or ran on a host. In a container `pid` repeats; `token` does not."""

    host: str
    pid: int
    token: str

    @property
    def client_id(self) -> str:
        """The client id of this process's group members."""
        return f"{_PREFIX}-{self.host}-{self.pid}-{self.token}"

    @classmethod
    def parse(cls, client_id: str) -> "ProcessName | None":
        """Return the process of a client id; None if a foreign client made it."""
        start, *middle = client_id.rsplit("-", 2)
        prefix, _, host = start.partition("-")
        if len(middle) != 2 or prefix != _PREFIX or not host or not middle[0].isdecimal():
            return None
        return cls(host, int(middle[0]), middle[1])


@functools.cache
def own_process() -> ProcessName:
    """Return the name of this process."""
    return ProcessName(socket.gethostname(), os.getpid(), secrets.token_hex(4))


def is_running(pid: int) -> bool:
    """Return whether a process of this host, or container, has that id."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it belongs to another user
    return True


def find_dead(
    members: Iterable[tuple[str, str]], own: ProcessName, is_running: Callable[[int], bool]
) -> list[str]:
    """Return the ids of members whose process is gone; `members` are pairs of member id and client id.

    A process of this host with this process's own id must have ended before.
    """
    dead = []
    for member_id, client_id in members:
        process = ProcessName.parse(client_id)
        if process is None or process.host != own.host or process.token == own.token:
            continue
        if process.pid == own.pid or not is_running(process.pid):
            dead.append(member_id)
    return dead


async def remove_predecessors(consumer: AIOKafkaConsumer) -> None:
    """Remove dead members from the group of a started consumer, before it joins.

    Best effort: without it the group waits for their sessions.
    """
    coordinator = consumer._coordinator
    try:
        async with asyncio.timeout(_SECONDS):
            await coordinator.ensure_coordinator_known()
            answer = await coordinator._send_req(DescribeGroupsRequest([coordinator.group_id]))
            members = [member[:2] for group in answer.groups for member in group[5]]
            for member_id in find_dead(members, own_process(), is_running):
                await coordinator._send_req(LeaveGroupRequest(coordinator.group_id, member_id))
                _log.info("group.dead_member_removed", group=coordinator.group_id, member=member_id)
    except (KafkaError, TimeoutError) as error:
        _log.info("group.members_not_read", group=coordinator.group_id, error=repr(error))
