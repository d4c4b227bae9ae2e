"""Services that a fault may break, because no other test uses them."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import redis

from tests.support.containers import Server, run_kafka, run_mysql, run_redis
from tests.support.faults.names import ServiceNames
from tests.support.faults.wall import SteppedClock
from tests.support.kafka_cluster import KafkaCluster


@dataclass(frozen=True, slots=True)
class Owned:
    """Breakable services, and the wall clock and the names of services for the role processes."""

    kafka: Server | None = None
    mysql: Server | None = None
    redis: Server | None = None
    wall: SteppedClock | None = None
    names: ServiceNames | None = None
    cluster: KafkaCluster | None = None

    @property
    def bootstrap(self) -> str:
        """Return the addresses of the Kafka to use: of the cluster, where there is one."""
        kafka = self.cluster or self.kafka
        assert kafka is not None, "this stand needs a Kafka"
        return kafka.address

    def flush_redis(self) -> None:
        """Delete all data: the exchange budget of one round must not affect the next, which has another exchange."""
        if self.redis is not None:
            with redis.Redis.from_url(self.redis.address) as client:
                client.flushall()


@dataclass(frozen=True, slots=True)
class Servers:
    """Kafka, MySQL and Redis, running."""

    kafka: Server
    mysql: Server
    redis: Server

    def owned(
        self,
        wall: SteppedClock | None = None,
        names: ServiceNames | None = None,
        cluster: KafkaCluster | None = None,
    ) -> Owned:
        return Owned(self.kafka, self.mysql, self.redis, wall, names, cluster)


@contextmanager
def run_servers() -> Iterator[Servers]:
    """Start all three in containers for the block. Raises ImageMissingError."""
    with ExitStack() as stack:
        yield Servers(run_kafka(stack, host="localhost"), run_mysql(stack), run_redis(stack))
