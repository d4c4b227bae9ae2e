"""An analyzer that stops itself (SIGSTOP) at a step: `python -m tests.support.freezing publishing`.

It is the real role with real Kafka and ccxt. The test resumes it and reads its log.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from broker.kafka.broker import KafkaBroker
from broker.kafka.consumer import KafkaConsumer
from broker.ports import Message, Partition, RebalanceListener, Record
from consumers.analyzer.__main__ import run
from exchanges.ccxt.source import CcxtCandleSource
from producers.role_process import RoleProcess
from runtime import logging
from runtime.ops import aggregate_health
from runtime.settings import Settings
from schemas.topics import RESULTS

STEPS = ("publishing", "committing")


class _Once:
    frozen = False

    @classmethod
    def freeze(cls) -> None:
        if not cls.frozen:
            cls.frozen = True
            os.kill(os.getpid(), signal.SIGSTOP)


class FreezingConsumer(KafkaConsumer):
    """Stops before its first commit, and sends that commit first when it resumes."""

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        _Once.freeze()
        await super().commit(offsets)


class FreezingBroker(KafkaBroker):
    """Stops before publishing a computed result, at the step `publishing`."""

    def __init__(self, settings: Settings, step: str) -> None:
        super().__init__(settings)
        self._step = step

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self._step == "publishing" and message.topic == RESULTS.name:
            _Once.freeze()
        return await super().publish(message, timeout=timeout)

    @asynccontextmanager
    async def subscribe(
        self, group: str, topics: Sequence[str], listener: RebalanceListener
    ) -> AsyncIterator[KafkaConsumer]:
        async with super().subscribe(group, topics, listener) as consumer:
            if self._step == "committing":
                consumer.__class__ = FreezingConsumer
            yield consumer


async def main(step: str) -> None:
    settings = Settings.load()
    logging.configure(settings)
    async with aggregate_health(settings) as health:
        process = RoleProcess(settings, FreezingBroker(settings, step), health=health)
        await run(process, CcxtCandleSource(settings))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
