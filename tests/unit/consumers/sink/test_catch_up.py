"""Up to when requests are answered and their answers written."""

from datetime import datetime, timedelta

from broker.ports import Lag, Partition
from consumers.sink.catch_up import CatchUp
from schemas.topics import ANALYZER_GROUP, FAILURES, REQUESTS, RESULTS, SINK_GROUP
from tests.support.events import NOON

REQUEST_PARTITIONS = [Partition(REQUESTS.name, number) for number in range(2)]
ANSWER_PARTITIONS = [Partition(topic.name, 0) for topic in (RESULTS, FAILURES)]


def at(minute: int) -> datetime:
    return NOON + timedelta(minutes=minute)


def lag(*behind: Partition) -> Lag:
    return {
        ANALYZER_GROUP: {partition: int(partition in behind) for partition in REQUEST_PARTITIONS},
        SINK_GROUP: {partition: int(partition in behind) for partition in ANSWER_PARTITIONS},
    }


def settled(*samples: Lag) -> datetime | None:
    """Take the samples a minute apart."""
    catch_up = CatchUp()
    for minute, sample in enumerate(samples):
        catch_up.observe(sample, at(minute))
    return catch_up.settled_until


def test_catch_up_settles_when_answers_are_written_after_requests_are_analyzed() -> None:
    assert settled(lag()) is None
    assert settled(lag(), lag()) == at(0)
    assert settled(lag(), lag(), lag()) == at(1)


def test_catch_up_waits_for_each_group() -> None:
    assert settled(*[lag(REQUEST_PARTITIONS[1])] * 9) is None
    assert settled(*[lag(ANSWER_PARTITIONS[0])] * 9) is None


def test_catch_up_adds_up_partitions_that_are_at_zero_at_different_times() -> None:
    odd = lag(REQUEST_PARTITIONS[0], ANSWER_PARTITIONS[0])
    even = lag(REQUEST_PARTITIONS[1], ANSWER_PARTITIONS[1])
    # Requests: 0 and 1, so answered until 0 as of 1; answers after that: 2 and 3.
    assert settled(odd, even, odd) is None
    assert settled(odd, even, odd, even) == at(0)


def test_catch_up_counts_no_answers_from_before_the_requests_were_analyzed() -> None:
    behind = lag(*REQUEST_PARTITIONS)
    assert settled(behind, behind, lag()) is None
    assert settled(behind, behind, lag(), lag(*ANSWER_PARTITIONS)) is None
    assert settled(behind, behind, lag(), lag(*ANSWER_PARTITIONS), lag()) == at(2)


def test_catch_up_knows_nothing_without_partitions() -> None:
    assert settled(*[{ANALYZER_GROUP: {}, SINK_GROUP: {}}] * 3) is None
