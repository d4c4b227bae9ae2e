"""What a nemesis may break, because it is nobody else's."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import redis

from tests.support.containers import Server, run_kafka, run_mysql, run_redis
from tests.support.faults.wall import SteppedClock


@dataclass(frozen=True, slots=True)
class Owned:
    """Services in containers of our own, and the wall clock of our processes."""

    kafka: Server | None = None
    mysql: Server | None = None
    redis: Server | None = None
    wall: SteppedClock | None = None

    def forget_redis(self) -> None:
        """What one round did to the exchange's budget is nothing to the next, whose exchange is another."""
        if self.redis is not None:
            with redis.Redis.from_url(self.redis.address) as client:
                client.flushall()


@dataclass(frozen=True, slots=True)
class Servers:
    """All three, running."""

    kafka: Server
    mysql: Server
    redis: Server

    def owned(self, wall: SteppedClock | None = None) -> Owned:
        return Owned(self.kafka, self.mysql, self.redis, wall)


@contextmanager
def run_servers() -> Iterator[Servers]:
    """In containers that end with the block. Raises ImageMissing."""
    with ExitStack() as stack:
        yield Servers(run_kafka(stack), run_mysql(stack), run_redis(stack))
