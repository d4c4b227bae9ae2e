"""The tracker by example; `test_offsets_machine` does the rest."""

import pytest

from broker.consumer.offsets import OffsetMark, OffsetTracker
from broker.ports import Partition

P = Partition("t", 0)
Q = Partition("t", 1)


def fetched(tracker: OffsetTracker, *offsets: int, partition: Partition = P) -> list[OffsetMark]:
    return [tracker.track(partition, offset) for offset in offsets]


def to_read_next(tracker: OffsetTracker) -> dict[Partition, int]:
    return {partition: mark.offset for partition, mark in tracker.committable().items()}


@pytest.fixture
def tracker() -> OffsetTracker:
    tracker = OffsetTracker()
    tracker.assign(P)
    return tracker


def test_tracker_has_nothing_to_commit_before_a_fetch(tracker: OffsetTracker) -> None:
    assert tracker.committable() == {}


def test_tracker_commits_up_to_the_first_unfinished_offset(tracker: OffsetTracker) -> None:
    five, six, seven = fetched(tracker, 5, 6, 7)
    tracker.finish(six)
    tracker.finish(seven)
    assert to_read_next(tracker) == {P: 5}
    tracker.finish(five)
    assert to_read_next(tracker) == {P: 8}


def test_tracker_counts_holes_of_compaction_as_finished(tracker: OffsetTracker) -> None:
    first, second = fetched(tracker, 3, 90)
    tracker.finish(first)
    assert to_read_next(tracker) == {P: 90}
    tracker.finish(second)
    assert to_read_next(tracker) == {P: 91}


def test_tracker_commits_the_position_past_control_records_when_nothing_is_in_flight(
    tracker: OffsetTracker,
) -> None:
    (mark,) = fetched(tracker, 3)
    assert tracker.advance({P: 7})
    assert to_read_next(tracker) == {P: 3}
    tracker.finish(mark)
    assert to_read_next(tracker) == {P: 7}
    assert not tracker.advance({P: 7, Q: 9})


def test_tracker_commits_a_position_without_any_record(tracker: OffsetTracker) -> None:
    assert tracker.advance({P: 4})
    assert to_read_next(tracker) == {P: 4}


def test_tracker_does_not_commit_the_beginning_of_the_log(tracker: OffsetTracker) -> None:
    assert not tracker.advance({P: 0})
    assert to_read_next(tracker) == {}


def test_tracker_does_not_offer_a_committed_offset_again(tracker: OffsetTracker) -> None:
    one, two = fetched(tracker, 1, 2)
    tracker.finish(one)
    tracker.mark_committed(tracker.committable())
    assert tracker.committable() == {}
    tracker.finish(two)
    assert to_read_next(tracker) == {P: 3}


def test_tracker_ignores_finishing_twice(tracker: OffsetTracker) -> None:
    one, _ = fetched(tracker, 1, 2)
    assert tracker.finish(one)
    assert not tracker.finish(one)
    assert tracker.in_flight == 1


def test_tracker_ignores_late_marks_of_a_revoked_epoch(tracker: OffsetTracker) -> None:
    (late,) = fetched(tracker, 1)
    tracker.revoke(P)
    assert not tracker.finish(late)
    assert tracker.committable() == {}
    assert tracker.in_flight == 0


def test_tracker_starts_each_epoch_empty(tracker: OffsetTracker) -> None:
    (late,) = fetched(tracker, 1)
    tracker.revoke(P)
    tracker.assign(P)
    (again,) = fetched(tracker, 1)
    assert not tracker.finish(late)
    assert to_read_next(tracker) == {P: 1}
    assert tracker.finish(again)
    assert to_read_next(tracker) == {P: 2}


def test_tracker_ignores_commits_of_an_earlier_epoch(tracker: OffsetTracker) -> None:
    (mark,) = fetched(tracker, 1)
    tracker.finish(mark)
    on_its_way = tracker.committable()
    tracker.assign(P)
    tracker.finish(*fetched(tracker, 1))
    tracker.mark_committed(on_its_way)
    assert to_read_next(tracker) == {P: 2}


def test_tracker_keeps_partitions_apart(tracker: OffsetTracker) -> None:
    tracker.assign(Q)
    fetched(tracker, 1, 2)
    tracker.finish(*fetched(tracker, 7, partition=Q))
    assert to_read_next(tracker) == {P: 1, Q: 8}
    assert tracker.spans() == {P: 2, Q: 0}


def test_tracker_span_is_from_first_unfinished_to_last_fetched(tracker: OffsetTracker) -> None:
    marks = fetched(tracker, 0, 1, 2, 30)
    tracker.finish(marks[2])
    assert tracker.spans() == {P: 4}
    tracker.finish(marks[0])
    assert tracker.spans() == {P: 3}


def test_tracker_starts_an_epoch_for_a_rewound_log(tracker: OffsetTracker) -> None:
    done, late = fetched(tracker, 500, 501)
    tracker.finish(done)
    tracker.continue_at(P, 0)
    (again,) = fetched(tracker, 0)
    assert not tracker.finish(late)
    assert to_read_next(tracker) == {P: 0}
    tracker.finish(again)
    assert to_read_next(tracker) == {P: 1}


def test_tracker_holds_the_commit_back_when_later_records_are_lost(tracker: OffsetTracker) -> None:
    fetched(tracker, 5)
    tracker.continue_at(P, 100)
    tracker.finish(*fetched(tracker, 100))
    assert to_read_next(tracker) == {P: 5}


def test_tracker_ignores_a_loss_on_a_revoked_partition(tracker: OffsetTracker) -> None:
    tracker.continue_at(Q, 0)
    assert tracker.partitions == {P}


def test_tracker_refuses_records_of_unassigned_partitions() -> None:
    with pytest.raises(ValueError, match="not assigned"):
        OffsetTracker().track(P, 0)


def test_tracker_refuses_records_out_of_order(tracker: OffsetTracker) -> None:
    fetched(tracker, 5)
    with pytest.raises(ValueError, match="out of order"):
        tracker.track(P, 5)
