"""Services of a section: Kafka, MySQL and Redis in containers of its own, and the simulated exchange."""

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from benchmarks.figures import SectionUnavailableError
from benchmarks.processes import RunningProcess, await_http
from broker.kafka.broker import KafkaBroker
from runtime.settings import Settings
from schemas.topics import TOPICS
from storage.migrations import upgrade
from tests.support import containers
from tests.support.containers import find_free_port
from tests.support.databases import fresh_mysql

SIMULATED_WEIGHT = 1_000_000_000
"""A minute: the simulated exchange never refuses."""


@dataclass(frozen=True)
class Services:
    """Addresses; the topics and the tables exist."""

    kafka: str
    mysql: str
    redis: str
    simulator: str

    def environ(self) -> dict[str, str]:
        """Return the settings of a role on these services, as environment variables."""
        return {
            "STRANDLINE_KAFKA_BOOTSTRAP": self.kafka,
            "STRANDLINE_DATABASE_URL": self.mysql,
            "STRANDLINE_REDIS_URL": self.redis,
            "STRANDLINE_EXCHANGES": "sim",
            "STRANDLINE_EXCHANGE": "sim",
            "STRANDLINE_EXCHANGE_URLS": json.dumps({"sim": self.simulator}),
            "STRANDLINE_LOG_FORMAT": "json",
            "STRANDLINE_CANARY": "off",
        }

    def settings(self, **more: object) -> Settings:
        return Settings.load(
            kafka_bootstrap=self.kafka,
            database_url=self.mysql,
            redis_url=self.redis,
            exchanges=("sim",),
            exchange="sim",
            exchange_urls={"sim": self.simulator},
            log_format="json",
            **more,
        )


@contextmanager
def run_services() -> Iterator[Services]:
    """Start all of them; raise SectionUnavailableError where no container can be started."""
    with ExitStack() as stack:
        kafka = _start(containers.start_kafka, stack)
        mysql = stack.enter_context(fresh_mysql(_start(containers.start_mysql, stack)))
        redis = _start(containers.start_redis, stack)
        port = find_free_port()
        stack.enter_context(
            RunningProcess.start(
                "strandline", "simulator", "--port", str(port), "--weight-limit", str(SIMULATED_WEIGHT)
            )
        )
        simulator = f"http://127.0.0.1:{port}"
        await_http(f"{simulator}/simulator")
        services = Services(kafka, mysql, redis, simulator)
        asyncio.run(_prepare(services))
        yield services


def _start(start: Callable[[ExitStack], str], stack: ExitStack) -> str:
    if reason := containers.missing_engine_reason():
        raise SectionUnavailableError(reason)
    try:
        return start(stack)
    except containers.ImageMissingError as error:
        raise SectionUnavailableError(str(error)) from error


async def _prepare(services: Services) -> None:
    await upgrade(services.mysql)
    broker = KafkaBroker(services.settings())
    try:
        await broker.create_topics(TOPICS, partitions=12, replication=1)
    finally:
        await broker.close()
