"""The ledger by example; `test_offsets_machine` does the rest."""

import pytest

from broker.consumer.offsets import OffsetMark, OffsetTracker
from broker.ports import Partition

P = Partition("t", 0)
Q = Partition("t", 1)


def fetched(ledger: OffsetTracker, *offsets: int, partition: Partition = P) -> list[OffsetMark]:
    return [ledger.fetched(partition, offset) for offset in offsets]


def to_read_next(ledger: OffsetTracker) -> dict[Partition, int]:
    return {partition: mark.offset for partition, mark in ledger.committable().items()}


@pytest.fixture
def ledger() -> OffsetTracker:
    ledger = OffsetTracker()
    ledger.assign(P)
    return ledger


def test_nothing_is_committable_before_anything_was_fetched(ledger: OffsetTracker) -> None:
    assert ledger.committable() == {}


def test_the_first_unfinished_offset_bounds_the_commit(ledger: OffsetTracker) -> None:
    five, six, seven = fetched(ledger, 5, 6, 7)
    ledger.finish(six)
    ledger.finish(seven)
    assert to_read_next(ledger) == {P: 5}
    ledger.finish(five)
    assert to_read_next(ledger) == {P: 8}


def test_holes_left_by_compaction_count_as_done(ledger: OffsetTracker) -> None:
    first, second = fetched(ledger, 3, 90)
    ledger.finish(first)
    assert to_read_next(ledger) == {P: 90}
    ledger.finish(second)
    assert to_read_next(ledger) == {P: 91}


def test_what_is_committed_is_not_offered_again(ledger: OffsetTracker) -> None:
    one, two = fetched(ledger, 1, 2)
    ledger.finish(one)
    ledger.committed(ledger.committable())
    assert ledger.committable() == {}
    ledger.finish(two)
    assert to_read_next(ledger) == {P: 3}


def test_finishing_twice_changes_nothing(ledger: OffsetTracker) -> None:
    one, _ = fetched(ledger, 1, 2)
    assert ledger.finish(one)
    assert not ledger.finish(one)
    assert ledger.in_flight == 1


def test_a_revoked_epoch_absorbs_what_finishes_late(ledger: OffsetTracker) -> None:
    (late,) = fetched(ledger, 1)
    ledger.revoke(P)
    assert not ledger.finish(late)
    assert ledger.committable() == {}
    assert ledger.in_flight == 0


def test_an_epoch_knows_nothing_of_the_one_before(ledger: OffsetTracker) -> None:
    (late,) = fetched(ledger, 1)
    ledger.revoke(P)
    ledger.assign(P)
    (again,) = fetched(ledger, 1)
    assert not ledger.finish(late)
    assert to_read_next(ledger) == {P: 1}
    assert ledger.finish(again)
    assert to_read_next(ledger) == {P: 2}


def test_a_commit_of_an_earlier_epoch_does_not_count_for_the_new_one(ledger: OffsetTracker) -> None:
    (mark,) = fetched(ledger, 1)
    ledger.finish(mark)
    on_its_way = ledger.committable()
    ledger.assign(P)
    ledger.finish(*fetched(ledger, 1))
    ledger.committed(on_its_way)
    assert to_read_next(ledger) == {P: 2}


def test_partitions_are_apart(ledger: OffsetTracker) -> None:
    ledger.assign(Q)
    fetched(ledger, 1, 2)
    ledger.finish(*fetched(ledger, 7, partition=Q))
    assert to_read_next(ledger) == {P: 1, Q: 8}
    assert ledger.spans() == {P: 2, Q: 0}


def test_the_span_runs_from_the_first_unfinished_to_the_last_fetched(ledger: OffsetTracker) -> None:
    marks = fetched(ledger, 0, 1, 2, 30)
    ledger.finish(marks[2])
    assert ledger.spans() == {P: 4}
    ledger.finish(marks[0])
    assert ledger.spans() == {P: 3}


def test_a_log_made_anew_is_a_new_epoch(ledger: OffsetTracker) -> None:
    done, late = fetched(ledger, 500, 501)
    ledger.finish(done)
    ledger.reading_on(P, 0)
    (again,) = fetched(ledger, 0)
    assert not ledger.finish(late)
    assert to_read_next(ledger) == {P: 0}
    ledger.finish(again)
    assert to_read_next(ledger) == {P: 1}


def test_what_is_in_flight_holds_back_the_commit_when_later_records_are_lost(ledger: OffsetTracker) -> None:
    fetched(ledger, 5)
    ledger.reading_on(P, 100)
    ledger.finish(*fetched(ledger, 100))
    assert to_read_next(ledger) == {P: 5}


def test_a_loss_on_a_partition_that_is_another_s_by_now_changes_nothing(ledger: OffsetTracker) -> None:
    ledger.reading_on(Q, 0)
    assert ledger.partitions == {P}


def test_a_record_of_a_partition_that_is_not_ours_is_a_bug() -> None:
    with pytest.raises(ValueError, match="not assigned"):
        OffsetTracker().fetched(P, 0)


def test_records_out_of_order_are_a_bug(ledger: OffsetTracker) -> None:
    fetched(ledger, 5)
    with pytest.raises(ValueError, match="after"):
        ledger.fetched(P, 5)
