"""A feed that stands still has an age, also one that could not begin."""

from typing import Any, cast

from producers.feed.segment import FeedSegment
from tests.support.clock import ManualClock


async def test_age_of_a_feed_that_could_not_begin_is_the_time_since_it_should_have() -> None:
    clock = ManualClock()
    segment = FeedSegment("sim", "spot", source=cast(Any, None), publisher=cast(Any, None), clock=clock)
    assert segment.age is None
    segment.set_instruments({"BTCUSDT": frozenset({"1m"})})
    await clock.advance(200.0)
    segment.set_instruments({"BTCUSDT": frozenset({"1m", "5m"})})
    assert segment.age == 200.0
