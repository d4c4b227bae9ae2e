"""Faults of a Kafka with three brokers: leaders moved, a broker lost, too few replicas, an unclean election."""

import asyncio
from collections.abc import Callable
from random import Random

from confluent_kafka import KafkaException

from schemas.topics import TOPICS
from tests.support.containers import Server
from tests.support.faults.faults import Fault
from tests.support.faults.promise import wait_until
from tests.support.faults.stand import FaultEnvironment
from tests.support.kafka_cluster import KafkaCluster

_FENCED_SECONDS = 10.0
"""After a broker's session, its partitions have other leaders."""
_REPLICATED_SECONDS = 120.0
_NAMES = [topic.name for topic in TOPICS]


def _cluster(stand: FaultEnvironment) -> KafkaCluster:
    assert stand.owned.cluster is not None, "this fault needs a cluster of its own"
    return stand.owned.cluster


async def move_leaders(stand: FaultEnvironment, chance: Random) -> None:
    """Stop a broker gracefully, which moves its leaders, start it, and wait until they have moved back."""
    cluster = _cluster(stand)
    broker = chance.choice(cluster.brokers)
    await asyncio.to_thread(broker.stop)
    await asyncio.to_thread(broker.start)
    await _wait_until_none(cluster.count_under_replicated)
    await _wait_until_none(cluster.count_moved)


async def kill_one(stand: FaultEnvironment, chance: Random) -> None:
    """Kill a broker, and bring it back before or after its partitions have other leaders."""
    broker = chance.choice(_cluster(stand).brokers)
    await asyncio.to_thread(broker.kill)
    await asyncio.sleep(chance.uniform(0.0, 2 * _FENCED_SECONDS))
    await asyncio.to_thread(broker.start)


async def lose_replicas(stand: FaultEnvironment, chance: Random) -> None:
    """Kill two of three: the last one refuses to write, since min.insync.replicas is 2."""
    cluster = _cluster(stand)
    await _wait_until_none(cluster.count_under_replicated)
    away = chance.sample(cluster.brokers, 2)
    await _kill(away)
    await asyncio.sleep(_FENCED_SECONDS)
    await _start(away)


async def elect_uncleanly(stand: FaultEnvironment, chance: Random) -> None:
    """Let one broker write alone, kill it, and let others lead, which do not have what it wrote."""
    cluster = _cluster(stand)
    await _wait_until_none(cluster.count_under_replicated)
    await asyncio.to_thread(
        cluster.configure, _NAMES, unclean_leader_election_enable="true", min_insync_replicas="1"
    )
    *behind, alone = chance.sample(cluster.brokers, 3)
    await _kill(behind)
    await asyncio.sleep(_FENCED_SECONDS + 5.0)
    await _kill([alone])
    await _start(behind)
    await asyncio.sleep(_FENCED_SECONDS)
    await _start([alone])
    await _wait_until_none(cluster.count_under_replicated)
    await asyncio.to_thread(
        cluster.configure, _NAMES, unclean_leader_election_enable="false", min_insync_replicas="2"
    )


async def _kill(brokers: list[Server]) -> None:
    await asyncio.gather(*(asyncio.to_thread(broker.kill) for broker in brokers))


async def _start(brokers: list[Server]) -> None:
    await asyncio.gather(*(asyncio.to_thread(broker.start) for broker in brokers))


async def _wait_until_none(count: Callable[[], int]) -> None:
    """Wait until the count is 0."""
    async with asyncio.timeout(_REPLICATED_SECONDS):
        await wait_until(lambda: asyncio.to_thread(_is_none, count), 0.5)


def _is_none(count: Callable[[], int]) -> bool:
    try:
        return count() == 0
    except KafkaException:
        return False


_BREAKS = frozenset({"cluster"})
MOVE_LEADERS = Fault("move-leaders", move_leaders, 15.0, _BREAKS)
KILL_ONE_BROKER = Fault("kill-one-of-three", kill_one, _FENCED_SECONDS, _BREAKS)
LOSE_REPLICAS = Fault("lose-min-insync", lose_replicas, _FENCED_SECONDS, _BREAKS)
ELECT_UNCLEANLY = Fault("unclean-election", elect_uncleanly, 45.0, _BREAKS, loses_records=True, rewinds=True)
