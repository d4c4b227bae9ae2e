"""An analyzer on a broker that only records, by a clock that tests move."""

import asyncio
import json
from typing import Any

from broker.ports import DeliveryUnknown, Message, Record
from consumers.analyzer.decode import Incoming
from consumers.analyzer.handler import Analyzer
from schemas.topics import FAILURES, REQUESTS, RESULTS
from tests.support.clock import ManualClock
from tests.support.deadlines import within
from tests.support.markets import ScriptedSource


class RecordingBroker:
    """Records what is published; the outcome of the first `refusals` sends is unknown."""

    def __init__(self, refusals: int = 0) -> None:
        self.messages: list[Message] = []
        self.refusals = refusals

    async def publish(self, message: Message, *, timeout: float | None = None) -> Record:
        if self.refusals:
            self.refusals -= 1
            raise DeliveryUnknown("the broker did not answer")
        self.messages.append(message)
        return Record(message.topic, 0, len(self.messages), message.key, message.value, message.headers, 0)

    def payloads(self, topic: str) -> list[dict[str, Any]]:
        return [json.loads(message.value or b"") for message in self.messages if message.topic == topic]


class AnalyzerBench:
    """An analyzer with everything around it replaced."""

    def __init__(
        self, source: ScriptedSource | None = None, *, refusals: int = 0, concurrency: int = 16
    ) -> None:
        self.clock = ManualClock()
        self.source = source or ScriptedSource()
        self.broker = RecordingBroker(refusals)
        self.analyzer = Analyzer(
            broker=self.broker,  # type: ignore[arg-type]  # only publishing is needed of it
            source=self.source,
            clock=self.clock,
            exchange="binance",
            concurrency=concurrency,
        )
        self._offset = 0

    def decode(self, body: object, *, key: bytes | None = None) -> Incoming:
        """Decode the next record of the requests topic; bytes are its value, anything else is sent as JSON."""
        value = body if isinstance(body, bytes) else json.dumps(body).encode()
        record = Record(
            REQUESTS.name, 3, self._offset, key, value, (), int(self.clock.now().timestamp() * 1000)
        )
        self._offset += 1
        return self.analyzer.decode(record)

    async def handle_records(self, *records: Record) -> None:
        """Handle as the consumer loop does: every record under its own ordering key, all at once."""
        await asyncio.gather(*(self.analyzer.handle([self.analyzer.decode(record)]) for record in records))

    async def handle(self, *bodies: object) -> None:
        """Handle as the consumer loop does: every record under its own ordering key, all at once."""
        await asyncio.gather(*(self.analyzer.handle([self.decode(body)]) for body in bodies))

    @property
    def results(self) -> list[dict[str, Any]]:
        return self.broker.payloads(RESULTS.name)

    @property
    def failures(self) -> list[dict[str, Any]]:
        return self.broker.payloads(FAILURES.name)


async def handle_while_time_passes(
    bench: AnalyzerBench, *bodies: object, step: float = 10.0, steps: int = 20
) -> None:
    """Advance the clock by `step` seconds whenever the analyzer sleeps, until the requests are handled."""
    handling = asyncio.create_task(bench.handle(*bodies))
    for _ in range(steps):
        sleeping = asyncio.create_task(bench.clock.wait_for_sleepers())
        await asyncio.wait({sleeping, handling}, timeout=20.0, return_when=asyncio.FIRST_COMPLETED)
        sleeping.cancel()
        if handling.done():
            break
        await bench.clock.advance(step)
    await within(handling)
