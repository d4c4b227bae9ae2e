"""The decision table of `decide`, and the loop `attempts` that acts on it."""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.outages import Outages
from broker.ports import DeliveryUnknown, MessageTooLarge
from broker.retry import (
    INTERNAL_ERROR,
    Attempt,
    Attempts,
    Backoff,
    DeadLetter,
    Decision,
    Fail,
    Pause,
    RetryAfter,
    attempts,
    decide,
    permanent_as_transient,
    retry_delay,
)
from runtime.errors import Malformed, Permanent, Transient
from tests.support.clock import ManualClock
from tests.support.deadlines import within

BACKOFF = Backoff(initial=1.0, maximum=8.0)
HALF = 0.5


@pytest.mark.parametrize(
    ("attempt", "retry_after", "random", "seconds"),
    [
        (1, None, 0.5, 0.5),
        (2, None, 0.5, 1.0),
        (4, None, 0.5, 4.0),
        (5, None, 0.5, 4.0),
        (10_000, None, 0.5, 4.0),
        (1, None, 0.0, 0.0),
        (1, 30.0, 0.5, 30.5),
        (9, 30.0, 0.5, 34.0),
    ],
)
def test_retry_delay_doubles_its_ceiling_and_adds_retry_after(
    attempt: int, retry_after: float | None, random: float, seconds: float
) -> None:
    assert retry_delay(attempt, random=random, retry_after=retry_after, backoff=BACKOFF) == seconds


def test_retry_delay_is_at_least_the_minimum() -> None:
    backoff = Backoff(initial=1.0, maximum=8.0, minimum=3.0)
    assert [retry_delay(n, random=1.0, backoff=backoff) for n in (1, 2, 3)] == [3.0, 3.0, 4.0]


@pytest.mark.parametrize(
    ("error", "attempt", "left", "expected"),
    [
        (Transient("slow"), 1, 60.0, RetryAfter(0.5)),
        (Transient("slow"), 3, 60.0, RetryAfter(2.0)),
        (Transient("slow"), 3, 1.0, RetryAfter(1.0)),
        (Transient("slow"), 1, 0.0, Fail("expired", "slow")),
        (Transient("slow"), 1, -1.0, Fail("expired", "slow")),
        (Transient("busy", retry_after=10.0), 1, 60.0, RetryAfter(10.5)),
        (Transient("busy", retry_after=10.0), 1, 10.0, Fail("expired", "busy")),
        (Transient("busy", retry_after=10.0), 1, 10.2, RetryAfter(10.2)),
        (Transient("slow"), 1, None, Pause(0.5)),
        (DeliveryUnknown("no word"), 2, None, Pause(1.0)),
        (Permanent("unknown_symbol", "XYZ"), 1, 60.0, Fail("unknown_symbol", "XYZ")),
        (Permanent("too_few_candles", "3"), 1, None, Fail("too_few_candles", "3")),
        (Malformed("no JSON"), 1, 60.0, DeadLetter("no JSON")),
        (MessageTooLarge("2 MB"), 1, None, Fail("internal", "2 MB")),
        (ZeroDivisionError("by zero"), 1, 60.0, Fail("internal", INTERNAL_ERROR)),
    ],
)
def test_decide_follows_the_table(
    error: Exception, attempt: int, left: float | None, expected: Decision
) -> None:
    now = 1_000.0
    deadline = None if left is None else now + left
    decision = decide(error, attempt, now=now, deadline=deadline, random=HALF, backoff=BACKOFF)
    if isinstance(expected, RetryAfter):
        assert isinstance(decision, RetryAfter)
        assert decision.seconds == pytest.approx(expected.seconds)
    else:
        assert decision == expected


@given(
    attempt=st.integers(1, 1_000),
    left=st.floats(-10, 1_000),
    retry_after=st.none() | st.floats(0, 100),
    random=st.floats(0, 1, exclude_max=True),
)
def test_decide_retries_neither_before_retry_after_nor_past_the_deadline(
    attempt: int, left: float, retry_after: float | None, random: float
) -> None:
    error = Transient("busy", retry_after=retry_after)
    decision = decide(error, attempt, now=0.0, deadline=left, random=random, backoff=BACKOFF)
    if isinstance(decision, RetryAfter):
        assert (retry_after or 0.0) <= decision.seconds <= left
        assert decision.seconds <= (retry_after or 0.0) + BACKOFF.maximum
    else:
        assert left <= (retry_after or 0.0)


class Clock(ManualClock):
    """Sleeps at once: the time passes, and the seconds are kept."""

    def __init__(self) -> None:
        super().__init__()
        self.slept: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._elapsed += seconds
        await asyncio.sleep(0)


async def run(
    series: Attempts, *outcomes: Exception | None, also: Callable[[Attempt], None] | None = None
) -> list[int]:
    """Meet `outcomes` one after another; return the number of each attempt as it was after it."""
    numbers = []
    planned = iter(outcomes)
    async for attempt in series:
        with attempt:
            if also is not None:
                also(attempt)
            if error := next(planned):
                raise error
        numbers.append(attempt.number)
    return numbers


async def test_attempts_end_with_the_first_success() -> None:
    clock = Clock()
    series = attempts(clock, BACKOFF, draw=lambda: HALF)
    assert await run(series, Transient("away"), Transient("busy", retry_after=5.0), None) == [1, 2, 3]
    assert clock.slept == [0.5, 6.0]


async def test_attempts_do_not_sleep_before_a_success() -> None:
    clock = Clock()
    assert await run(attempts(clock), None) == [1]
    assert clock.slept == []


@pytest.mark.parametrize(
    "error", [Permanent("unknown_symbol", "XYZ"), Malformed("no JSON"), ZeroDivisionError()]
)
async def test_attempts_raise_an_error_that_a_retry_cannot_cure(error: Exception) -> None:
    clock = Clock()
    with pytest.raises(type(error)) as raised:
        await run(attempts(clock, BACKOFF), Transient("away"), error)
    assert raised.value is error
    assert len(clock.slept) == 1


async def test_attempts_retry_a_permanent_error_that_is_taken_for_transient() -> None:
    clock = Clock()
    async for attempt in attempts(clock, BACKOFF, draw=lambda: HALF):
        with attempt, permanent_as_transient(60.0):
            if attempt.number == 1:
                raise Permanent("unknown_exchange", "no prices")
        if attempt.error:
            assert attempt.log_fields["error"] == "no prices"
    assert clock.slept == [60.5]


async def test_attempts_raise_the_last_error_at_the_deadline() -> None:
    clock = Clock()
    series = attempts(clock, BACKOFF, seconds_left=lambda: 1.2 - clock.monotonic(), draw=lambda: HALF)
    with pytest.raises(Transient, match="third"):
        await run(series, Transient("first"), Transient("second"), Transient("third"), None)
    assert clock.slept == pytest.approx([0.5, 0.7])


async def test_attempts_ask_for_the_deadline_at_each_failure() -> None:
    clock = Clock()
    left = iter([1.0, 1.0, 0.0])
    with pytest.raises(Transient):
        await run(attempts(clock, seconds_left=lambda: next(left)), *[Transient("away")] * 4)
    assert len(clock.slept) == 2


async def test_attempt_gives_the_log_fields_of_its_failure() -> None:
    fields = []
    async for attempt in attempts(Clock(), BACKOFF, draw=lambda: HALF):
        with attempt:
            if attempt.number == 1:
                raise Transient("away")
        if attempt.error:
            fields.append(attempt.log_fields)
    assert fields == [{"attempt": 1, "seconds": 0.5, "error": "away"}]


async def test_attempt_reset_counts_failures_from_one_again() -> None:
    clock = Clock()

    def connect(attempt: Attempt) -> None:
        if attempt.number == 3:
            attempt.reset()

    series = attempts(clock, BACKOFF, draw=lambda: HALF)
    assert await run(series, *[Transient("lost")] * 4, None, also=connect) == [1, 2, 1, 2, 1]
    assert clock.slept == [0.5, 1.0, 0.5, 1.0]


async def test_attempts_count_as_an_outage_from_the_first_failure_to_the_success() -> None:
    clock = Clock()
    outages = Outages(clock)

    def work(_: Attempt) -> None:
        clock._elapsed += 10.0

    await run(
        attempts(clock, BACKOFF, outages=outages), Transient("away"), Transient("away"), None, also=work
    )
    assert outages.working_seconds() == pytest.approx(10.0)
    clock._elapsed += 1.0
    assert outages.working_seconds() == pytest.approx(11.0)


@pytest.mark.parametrize("error", [Malformed("no JSON"), asyncio.CancelledError()])
async def test_attempts_that_raise_end_their_outage(error: BaseException) -> None:
    clock = Clock()
    outages = Outages(clock)
    work = run(attempts(clock, BACKOFF, outages=outages), Transient("away"), error)
    with pytest.raises(type(error)):
        await work
    before = outages.working_seconds()
    clock._elapsed += 1.0
    assert outages.working_seconds() == pytest.approx(before + 1.0)


async def test_attempts_cancelled_between_two_attempts_end_their_outage() -> None:
    clock = ManualClock()
    outages = Outages(clock)
    task = asyncio.create_task(run(attempts(clock, BACKOFF, outages=outages), Transient("away"), None))
    await within(clock.wait_for_sleepers())
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await clock.advance(1.0)
    assert outages.working_seconds() == pytest.approx(1.0)
