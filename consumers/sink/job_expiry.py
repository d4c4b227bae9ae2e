"""End jobs whose requests no analyzer answered: lost to the retention of their topic, or to a topic made again.

An analyzer that reads a request too late fails it as expired; one that never reads it cannot. Long after `expires_at`
the sink publishes that failure in its place: but only once analyzers and sinks have caught up with all from before it
(`catch_up`), because a request that waits behind an outage is not lost.
"""

import asyncio
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from broker.ports import Broker, Message
from broker.publish_retry import publish_until_acknowledged
from consumers.sink.catch_up import SAMPLED, CatchUp
from runtime.clock import Clock
from schemas.events import AnalysisFailed, split_request_ids
from schemas.market import Market, parse_market_key
from schemas.topics import REQUESTS, encode_failed
from storage import jobs
from storage.database_errors import describe_error

_log = structlog.get_logger(__name__)

SOURCE = "/strandline/sink"
CHUNK_SIZE = 1_000
"""Jobs that one run ends at most."""
INTERVAL = 60.0
"""Seconds between two runs."""
EXPIRY_GRACE = timedelta(hours=1)
"""Time after `expires_at` in which an analyzer may still answer."""
CLOCK_SKEW = timedelta(minutes=5)
"""Skew allowed between the clocks of those who publish requests and ours."""
CONTENT_LOST_AFTER = timedelta(milliseconds=int(REQUESTS.config["retention.ms"])) + timedelta(days=1)
"""Age of a job without content, whose `expires_at` is unknown, at which its record is gone from the topic."""
_TIMEOUT = 10.0
_MESSAGE = "no answer long after expires_at: the request was lost before an analyzer read it; send it again"


class JobExpiry:
    """Fails unanswered jobs, on the failures topic and in the table."""

    def __init__(self, engine: AsyncEngine, broker: Broker, clock: Clock) -> None:
        self._engine = engine
        self._broker = broker
        self._clock = clock
        self._catch_up = CatchUp()
        self._published: set[str] = set()
        """Ids whose failure is published and not in the table yet."""

    async def run(self) -> None:
        """End unanswered jobs every INTERVAL until cancelled. An error is logged and retried at the next run."""
        while True:
            try:
                while await self.expire() == CHUNK_SIZE:
                    pass
            except Exception as error:  # noqa: BLE001 - no one awaits this task: if it ended, no job would expire
                _log.warning("sink.jobs_not_expired", error=describe_error(error), seconds=INTERVAL)
            await self._clock.sleep(INTERVAL)

    async def expire(self) -> int:
        """End at most CHUNK_SIZE unanswered jobs and return how many. Raises Transient.

        It takes a few runs from when there is one: lag is sampled only then, once a run.
        """
        now = self._clock.now()
        if not await self._load_unanswered(now, settled_until=now, limit=1):
            return 0
        self._catch_up.observe(await self._broker.lag(SAMPLED, timeout=_TIMEOUT), now)
        if self._catch_up.settled_until is None:
            return 0
        settled_until = self._catch_up.settled_until - CLOCK_SKEW
        # Loaded after the sample: the answers from before it are in the table by now.
        unanswered = await self._load_unanswered(now, settled_until=settled_until, limit=CHUNK_SIZE)
        return sum([await self._end(event) for event in build_failures(unanswered, now)])

    async def _load_unanswered(
        self, now: datetime, *, settled_until: datetime, limit: int
    ) -> dict[str, str | None]:
        async with asyncio.timeout(_TIMEOUT), self._engine.connect() as connection:
            return await jobs.load_unanswered(
                connection,
                queued_before=settled_until,
                expired_before=now - EXPIRY_GRACE,
                content_lost_before=now - CONTENT_LOST_AFTER,
                limit=limit,
            )

    async def _end(self, event: AnalysisFailed) -> int:
        """Publish a failure, once, and end its jobs in the table at once; return how many ended."""
        if not self._published.issuperset(event.request_ids):
            await self._publish(event)
            self._published.update(event.request_ids)
        try:
            async with asyncio.timeout(_TIMEOUT), self._engine.begin() as connection:
                await jobs.record_changes(connection, jobs.build_failed_changes(event))
        except SQLAlchemyError as error:
            # It must not hold up those after it; the next run writes it again, and publishes nothing.
            _log.warning("sink.jobs_not_expired", first=event.request_ids[0], error=describe_error(error))
            return 0
        self._published.difference_update(event.request_ids)
        return len(event.request_ids)

    async def _publish(self, event: AnalysisFailed) -> None:
        message = Message(*encode_failed(event, source=SOURCE))
        await publish_until_acknowledged(self._broker, message, self._clock)
        _log.warning(
            "sink.jobs_expired",
            market=event.market.key if event.market else None,
            requests=len(event.request_ids),
            first=event.request_ids[0],
        )


def build_failures(unanswered: dict[str, str | None], now: datetime) -> list[AnalysisFailed]:
    """Return the failures of these requests (id -> market key), grouped by market. Pure."""
    by_market: dict[str | None, list[str]] = {}
    for request_id, market_key in unanswered.items():
        by_market.setdefault(market_key, []).append(request_id)
    return [
        AnalysisFailed(
            request_ids=ids,
            market=_parse_market(market_key),
            reason="expired",
            message=_MESSAGE,
            attempts=0,
            failed_at=now,
        )
        for market_key, request_ids in by_market.items()
        for ids in split_request_ids(request_ids)
    ]


def _parse_market(key: str | None) -> Market | None:
    """Return None for a key that another version wrote in another form."""
    try:
        return parse_market_key(key) if key else None
    except ValueError:
        return None
