"""One round: requests are sent, a fault strikes and heals, and the outcomes are counted."""

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import httpx
import structlog
from aiokafka.errors import KafkaError
from sqlalchemy.exc import SQLAlchemyError

from runtime.errors import Transient
from runtime.tasks import cancel_and_wait
from schemas.topics import ANALYZER_GROUP, SINK_GROUP
from simulator.listings import SYNTHETIC
from tests.support.faults import reading
from tests.support.faults.crew import Role
from tests.support.faults.doors import ApiChannel, TopicChannel
from tests.support.faults.driver import RequestSender
from tests.support.faults.facts import Facts, keep_known
from tests.support.faults.faults import Fault
from tests.support.faults.ledger import MAX_RECOVERY, Ledger, build_ledger
from tests.support.faults.offsets import RewindCounter
from tests.support.faults.plan import PlannedRequest, make_markets, plan_requests
from tests.support.faults.promise import Verdict, wait_until
from tests.support.faults.stand import FaultEnvironment
from tests.support.faults.visitor import ApiPoller

_log = structlog.get_logger(__name__)

_SETTLE_TIMEOUT = 240.0
_START_TIMEOUT = 240.0  # a busy machine may take minutes to start a handful of processes
_TRANSIENT_ERRORS = (SQLAlchemyError, OSError, TimeoutError, Transient, KafkaError, httpx.HTTPError)
"""Errors of services that are not back yet: retried until the deadline."""


@dataclass(frozen=True, slots=True)
class Size:
    """The size of a round; `rate` is the maximum of requests a second."""

    requests: int = 150
    markets: int = 24
    analyzers: int = 2
    rate: float = 100.0

    @property
    def max_seconds(self) -> float:
        """Return the seconds after which a round of this size cannot be working any more."""
        return 4 * _SETTLE_TIMEOUT + 10 * self.requests / self.rate


class Round:
    """`name` is unique among all rounds on the same stand; `seed` decides what is asked and when a fault strikes.

    `recovery` is the allowed number of seconds from healing to progress.
    """

    def __init__(
        self,
        stand: FaultEnvironment,
        fault: Fault,
        size: Size,
        *,
        name: str,
        seed: int,
        recovery: float = MAX_RECOVERY,
    ) -> None:
        self._stand = stand
        self._fault = fault
        self._size = size
        self._prefix = f"{name}-"
        self._seed = seed
        self._recovery = recovery
        self._chance = Random(seed)
        symbols = [listing.symbol for listing in SYNTHETIC if listing.trading]
        self._markets = make_markets(symbols, size.markets)
        self._poller = None if fault.api == "none" else ApiPoller(_api_client(stand))
        self._sender = RequestSender(
            ApiChannel(_api_client(stand)) if self._poller else TopicChannel(stand.broker)
        )
        self._promise = fault.promise(stand, size.requests) if fault.promise else None
        self._rewinds = RewindCounter(stand.offsets, ANALYZER_GROUP, SINK_GROUP)
        self._since = datetime.now(UTC) - timedelta(seconds=1 + fault.behind)
        self._progress: list[float | None] = []
        self._healed_at = self._since
        self._refused_before = 0

    async def run(self) -> Ledger:
        """Run the round with the roles of the stand, which are started where they are missing, and stay up."""
        await self._stand.crew.restore(self._roles())
        self._refused_before = _count_refused_commits(self._stand)
        async with self._count_rewinds(), self._poll_api():
            started = await self._probe("first", _START_TIMEOUT)
            assert started is not None, "the roles do not work before any fault"
            _log.info("round.crew_works", seconds=started)
            asks = plan_requests(
                self._seed, self._prefix + "n", self._size.requests, self._markets, self._fault.shares
            )
            seconds = max(self._fault.seconds + 5.0, len(asks) / self._size.rate)
            await self._prepare_promise()
            working = asyncio.create_task(self._work(asks, seconds))
            try:
                await self._strike_until(working, len(asks), seconds)
                await working
            finally:
                await cancel_and_wait(working)
            return await self._settle()

    def _roles(self) -> Mapping[Role, int]:
        roles: dict[Role, int] = {
            "sink": 1,
            "analyzer": self._size.analyzers,
            "api": int(self._poller is not None),
        }
        return roles | (self._promise.roles if self._promise else {})

    async def _prepare_promise(self) -> None:
        if self._promise:
            async with asyncio.timeout(_START_TIMEOUT):
                await self._promise.prepare()

    async def _work(self, asks: Sequence[PlannedRequest], seconds: float) -> None:
        """Publish the requests, and exercise the promise beside them."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._sender.publish_all(asks, seconds))
            if self._promise:
                tasks.create_task(self._promise.exercise())

    @asynccontextmanager
    async def _count_rewinds(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._rewinds.run())
        try:
            yield
        finally:
            await cancel_and_wait(watching)

    @asynccontextmanager
    async def _poll_api(self) -> AsyncIterator[None]:
        if self._poller is None:
            yield
            return
        await self._poller.wait_until_up()
        visiting = asyncio.create_task(self._poller.run())
        try:
            yield
        finally:
            await cancel_and_wait(visiting)

    async def _strike_until(self, working: asyncio.Task[None], count: int, seconds: float) -> None:
        """Strike, heal and probe while requests are sent and the promise is exercised; at least once."""
        while True:
            await asyncio.sleep(self._chance.uniform(1.0, 2.5))  # at a random moment
            _log.info("nemesis.strikes", fault=self._fault.name)
            await self._fault.strike(self._stand, self._chance)
            self._healed_at = datetime.now(UTC)
            self._progress.append(await self._recover(f"healed{len(self._progress)}"))
            _log.info("nemesis.healed", fault=self._fault.name, progress=self._progress[-1])
            left = seconds * (1 - self._sender.started / count)
            if working.done() or (not self._promise and left < self._fault.seconds + 3.0):
                return

    async def _recover(self, name: str) -> float | None:
        """Return the seconds until requests are completed again, and the promise of a role is kept again."""
        probes = [self._probe(name, self._recovery)]
        if self._promise:
            probes.append(_measure(self._promise.probe(), self._recovery))
        seconds = await asyncio.gather(*probes)
        return None if None in seconds else max(each for each in seconds if each is not None)

    async def _probe(self, name: str, most: float) -> float | None:
        """Send a request; return the seconds until it is completed in the table, or None after the timeout."""
        ask = PlannedRequest(self._prefix + name, "probe", self._chance.choice(self._markets))
        return await _measure(self._complete(ask), most)

    async def _complete(self, ask: PlannedRequest) -> None:
        await self._sender.publish(ask)
        await wait_until(lambda: self._is_ended(ask.name), 0.1)

    async def _is_ended(self, name: str) -> bool:
        return bool(await self._count(name))

    async def _count(self, prefix: str) -> int:
        try:
            return await asyncio.wait_for(reading.count_ended(self._stand.engine, prefix), 5.0)
        except _TRANSIENT_ERRORS:
            return 0

    async def _settle(self) -> Ledger:
        """Return the ledger once nothing is open, or after the timeout."""
        deadline = time.monotonic() + _SETTLE_TIMEOUT
        if not self._fault.loses_records:
            await _measure(wait_until(self._have_all_ended, 0.25), _SETTLE_TIMEOUT)
        while True:
            late = time.monotonic() > deadline
            try:
                ledger = build_ledger(await self._facts(), self._recovery)
            except _TRANSIENT_ERRORS:
                if late:
                    raise
            else:
                to_come = (ledger.missing, ledger.unrecorded, ledger.stale, ledger.outdated, ledger.broken)
                if late or not any(to_come):
                    return ledger
            await asyncio.sleep(0.5)

    async def _have_all_ended(self) -> bool:
        due = sum(asked.ask.kind != "poison" for asked in self._sender.asked.values())
        return await self._count(self._prefix) >= due

    async def _facts(self) -> Facts:
        stand = self._stand
        requests, outcomes = await reading.read_topics(stand.broker, self._since, self._prefix)
        asked = self._sender.asked
        if self._fault.loses_records:
            asked = keep_known(asked, outcomes, self._healed_at)
            requests = [one for one in requests if one.name in asked]
        verdict = await self._promise.judge() if self._promise else Verdict()
        return Facts(
            asked=asked,
            requests=requests,
            outcomes=outcomes,
            jobs=await reading.read_jobs(stand.engine, self._prefix),
            rows=await reading.read_rows(stand.engine),
            analyzers=await stand.offsets.committed(ANALYZER_GROUP),
            sinks=await stand.offsets.committed(SINK_GROUP),
            healed_at=self._healed_at,
            progress=tuple(self._progress),
            rewinds=0 if self._fault.rewinds else self._rewinds.rewinds,
            refused=_count_refused_commits(stand) - self._refused_before,
            crashed=stand.crew.crashed,
            broken=verdict.broken,
            note=verdict.note or _describe_loss(len(self._sender.asked) - len(asked)),
            rate_limited=await self._count_rate_limited(),
            failed_polls=self._poller.failed_polls if self._poller and self._fault.api == "spared" else (),
            api_rows=await self._poller.api_rows() if self._poller else None,
        )

    async def _count_rate_limited(self) -> int:
        """Count 429 and 418, on an exchange that answers so only above its limit."""
        calls = [] if self._fault.bans_past is None else await self._stand.exchange.calls()
        return sum(call["status"] in {418, 429} for call in calls)


async def _measure(work: Coroutine[Any, Any, None], most: float) -> float | None:
    """Return the seconds that `work` takes, or None after the timeout."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(most):
            await work
    except TimeoutError:
        _log.warning("probe.unanswered", seconds=most)
        return None
    return round(time.monotonic() - began, 1)


def _api_client(stand: FaultEnvironment) -> httpx.AsyncClient:
    assert stand.api is not None, "this fault needs an API"
    return stand.api


def _describe_loss(count: int) -> str:
    return f"{count} lost by Kafka, or their results" if count else ""


def _count_refused_commits(stand: FaultEnvironment) -> int:
    return sum(log.read_text(errors="replace").count("commit.refused") for log in stand.logs.glob("*.log"))
