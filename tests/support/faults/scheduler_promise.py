"""The scheduler's promise: a request for each closed candle of each watched market that has no result yet.

A repeat has the same id.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import NamedTuple

from producers.scheduler.schedule import DueRequest, SchedulePolicy, due_at, request_id_of
from schemas.market import TIMEFRAMES, Market
from schemas.topics import REQUESTS, RESULTS
from schemas.values import from_ms
from tests.support.faults import reading
from tests.support.faults.crew import Role
from tests.support.faults.plan import make_market
from tests.support.faults.promise import Verdict, wait_until
from tests.support.faults.stand import SCHEDULE_DELAY, SCHEDULE_SPREAD, SCHEDULED, FaultEnvironment

MARKETS = [make_market(symbol, "1m") for symbol in SCHEDULED]
POLICY = SchedulePolicy(SCHEDULE_DELAY, SCHEDULE_SPREAD)
_MINUTE = TIMEFRAMES["1m"]
_SLACK = 5_000  # ms from being due to being asked, at most, while the scheduler works
_PREFIX = "schedule:"


class ScheduledRequest(NamedTuple):
    """A request of the scheduler on the topic, and when (ms) it was published."""

    request_id: str
    at: int


def plan_due(markets: Sequence[Market], start: int, end: int) -> list[DueRequest]:
    """Return what is due from `start` to `end` (ms)."""
    return [
        DueRequest(market, candle, at)
        for market in markets
        for candle in range(start // _MINUTE * _MINUTE - 2 * _MINUTE, end, _MINUTE)
        if start <= (at := due_at(market, candle, POLICY)) <= end
    ]


def leave_out_current(due: Iterable[DueRequest], current: Set[tuple[str, int]]) -> list[DueRequest]:
    """Return what is due but for candles (market key, open time in ms) that the round's own requests had analysed."""
    return [one for one in due if (one.market.key, one.candle) not in current]


def find_never_asked(due: Iterable[DueRequest], asked: Sequence[ScheduledRequest]) -> list[str]:
    """Return the ids of due requests that were not published although the scheduler published others in their time.

    A candle that a newer one superseded while the scheduler was down is rightly never asked.
    """
    known = {each.request_id for each in asked}
    return [
        request_id_of(one)
        for one in due
        if request_id_of(one) not in known
        and any(one.at + _SLACK <= each.at < one.superseded_at for each in asked)
    ]


class SchedulerPromise:
    roles: Mapping[Role, int] = {"scheduler": 1}

    def __init__(self, stand: FaultEnvironment, _requests: int) -> None:
        self._stand = stand
        self._since = _now_ms()
        self._end = 0

    async def prepare(self) -> None:
        """Wait for the first request of this round's scheduler."""
        await wait_until(self._has_asked, 0.5)
        self._since = _now_ms()

    async def exercise(self) -> None:
        """Wait until every market has been due once."""
        boundary = (self._since // _MINUTE + 1) * _MINUTE
        seconds = (boundary - self._since) / 1_000 + SCHEDULE_DELAY + SCHEDULE_SPREAD
        await asyncio.sleep(seconds)

    async def probe(self) -> None:
        """Wait until nothing that is due is missing."""
        await wait_until(self._is_up_to_date, 1.0)

    async def judge(self) -> Verdict:
        self._end = self._end or _now_ms()
        asked = await self._read()
        due = leave_out_current(plan_due(MARKETS, self._since, self._end), await self._read_current())
        jobs = await reading.read_jobs(self._stand.engine, _PREFIX)
        times = Counter(each.request_id for each in asked)
        never = find_never_asked(due, asked)
        unended = [name for name in times if name not in jobs or jobs[name].status == "queued"]
        note = f"{len(times)} scheduled, {sum(times.values()) - len(times)} of them twice"
        broken = [f"{len(never)} due times never asked: {never[:3]}"] if never else []
        return Verdict((*broken, *([f"{len(unended)} scheduled without an end"] if unended else [])), note)

    async def _has_asked(self) -> bool:
        return bool(await self._read())

    async def _is_up_to_date(self) -> bool:
        due = leave_out_current(plan_due(MARKETS, self._since, _now_ms()), await self._read_current())
        return not find_missing(due, await self._read())

    async def _read_current(self) -> set[tuple[str, int]]:
        records = await reading.read_records(
            self._stand.broker, [RESULTS.name], from_ms(self._since - _MINUTE)
        )
        outcomes = [outcome for record in records if (outcome := reading.parse_outcome(record))]
        return {(one.market, one.version.candle_at) for one in outcomes if one.market and one.version}

    async def _read(self) -> list[ScheduledRequest]:
        records = await reading.read_records(
            self._stand.broker, [REQUESTS.name], from_ms(self._since - 1_000)
        )
        named = [(reading.request_name(record.value or b""), record.timestamp_ms) for record in records]
        return [ScheduledRequest(name, at) for name, at in named if name.startswith(_PREFIX)]


def find_missing(due: Iterable[DueRequest], asked: Iterable[ScheduledRequest]) -> list[str]:
    """Return the ids of the newest due request of each market that are not among those asked."""
    newest = {one.market.key: request_id_of(one) for one in sorted(due, key=lambda one: one.at)}
    return sorted(set(newest.values()) - {each.request_id for each in asked})


def _now_ms() -> int:
    return int(time.time() * 1_000)
