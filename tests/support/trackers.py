"""A tracker for tests: in-process topics, a real table, and results that are fed as the consumer loop does."""

from collections.abc import Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from broker.memory.broker import MemoryBroker
from broker.ports import Broker, Edge, Record
from consumers.tracker.handler import Tracker
from schemas.events import AnalysisCompleted
from schemas.level_events import AnyLevelEvent, read_level_event
from schemas.topics import LEVELS, TOPICS
from tests.support.events import to_record
from tests.support.sinks import SwiftClock


class TrackerBench:
    """`broker` is what the trackers use; `topics` is the broker behind it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.clock = SwiftClock()
        self.topics = MemoryBroker(self.clock)
        self.broker: Broker = self.topics

    async def open(self) -> None:
        await self.topics.create_topics(TOPICS, partitions=2, replication=1)

    def tracker(self) -> Tracker:
        return Tracker(broker=self.broker, engine=self.engine, clock=self.clock, draw=lambda: 0.5)

    async def take(self, *results: AnalysisCompleted) -> list[AnyLevelEvent]:
        """Let a tracker that has just started handle the results in one batch; return what that publishes."""
        before = len(await self.events())
        await feed(self.tracker(), map(to_record, results))
        return (await self.events())[before:]

    async def events(self) -> list[AnyLevelEvent]:
        """Return every published event; those of a market are in order."""
        async with self.topics.read([LEVELS.name], Edge.BEGINNING) as reader:
            records, found = aiter(reader), []
            while not await reader.is_caught_up():
                found.append(read_level_event((await anext(records)).value or b""))
            return found


async def feed(tracker: Tracker, records: Iterable[Record]) -> None:
    """Decode and handle records in one batch, as the consumer loop does."""
    await tracker.handle([tracker.decode(record) for record in records])
