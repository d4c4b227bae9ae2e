"""The table of what to do about which error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.ports import DeliveryUnknown, MessageTooLarge
from broker.retry import OURS, DeadLetter, Decision, Fail, Pace, Pause, RetryAfter, backoff, decide
from runtime.errors import Malformed, Permanent, Transient

PACE = Pace(first=1.0, most=8.0)
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
def test_the_ceiling_doubles_and_what_was_asked_for_comes_on_top(
    attempt: int, retry_after: float | None, random: float, seconds: float
) -> None:
    assert backoff(attempt, random=random, retry_after=retry_after, pace=PACE) == seconds


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
        (ZeroDivisionError("by zero"), 1, 60.0, Fail("internal", OURS)),
    ],
)
def test_the_table(error: Exception, attempt: int, left: float | None, expected: Decision) -> None:
    now = 1_000.0
    deadline = None if left is None else now + left
    decision = decide(error, attempt, now=now, deadline=deadline, random=HALF, pace=PACE)
    if isinstance(expected, RetryAfter):
        assert isinstance(decision, RetryAfter)
        assert decision.seconds == pytest.approx(expected.seconds)
    else:
        assert decision == expected


@given(
    attempt=st.integers(1, 1_000),
    left=st.floats(-10, 1_000),
    asked=st.none() | st.floats(0, 100),
    random=st.floats(0, 1, exclude_max=True),
)
def test_a_retry_is_never_late_and_never_early(
    attempt: int, left: float, asked: float | None, random: float
) -> None:
    error = Transient("busy", retry_after=asked)
    decision = decide(error, attempt, now=0.0, deadline=left, random=random, pace=PACE)
    if isinstance(decision, RetryAfter):
        assert (asked or 0.0) <= decision.seconds <= left
        assert decision.seconds <= (asked or 0.0) + PACE.most
    else:
        assert left <= (asked or 0.0)
