"""KeyedQueue: one batch at a time in each, in order, many beside one another."""

from hypothesis import given
from hypothesis import strategies as st

from broker.consumer.keyed_queue import Batch, KeyedQueue, Work
from broker.consumer.offsets import OffsetMark
from broker.ports import Partition

P, Q = Partition("t", 0), Partition("t", 1)


def put(
    lanes: KeyedQueue[int], lane: object, *values: int, partition: Partition = P, now: float = 0.0
) -> None:
    for value in values:
        lanes.put(lane, Work(value, OffsetMark(partition, 1, value)), now)


def values(batch: Batch[int] | None) -> list[int] | None:
    return None if batch is None else [work.value for work in batch.work]


def test_a_lane_runs_one_batch_at_a_time() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(lanes, "a", 1, 2, 3)
    assert values(lanes.take(0)) == [1, 2]
    assert lanes.take(0) is None
    lanes.done("a", 0)
    assert values(lanes.take(0)) == [3]


def test_lanes_are_served_in_the_order_they_came() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=10)
    for number, lane in enumerate("cab"):
        put(lanes, lane, number)
    put(lanes, "c", 3)
    assert [values(lanes.take(0)) for _ in range(4)] == [[0, 3], [1], [2], None]


def test_no_more_batches_are_out_than_hands() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=2, batch_limit=1)
    for number, lane in enumerate("abc"):
        put(lanes, lane, number)
    assert values(lanes.take(0)) == [0]
    assert values(lanes.take(0)) == [1]
    assert lanes.take(0) is None
    lanes.done("b", 0)
    assert values(lanes.take(0)) == [2]


def test_a_batch_lingers_until_it_is_full_or_its_time_is_up() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2, linger=5.0)
    put(lanes, "a", 1, now=10.0)
    assert lanes.take(14.0) is None
    assert lanes.due_in(14.0) == 1.0
    put(lanes, "b", 2, 3, now=14.0)
    assert values(lanes.take(14.0)) == [2, 3]
    assert values(lanes.take(15.0)) == [1]
    assert lanes.due_in(15.0) is None


def test_no_clock_is_waited_for_while_all_hands_are_busy() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=1, batch_limit=1, linger=5.0)
    put(lanes, "a", 1)
    put(lanes, "b", 2)
    assert lanes.take(0) is not None
    assert lanes.due_in(0) is None


def test_dropping_forgets_what_waits_and_leaves_what_runs() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(lanes, "a", 1, 2)
    assert values(lanes.take(0)) == [1, 2]
    put(lanes, "a", 3)
    put(lanes, "a", 4, partition=Q)
    put(lanes, "b", 5, 6)
    assert lanes.drop({P}) == 3
    assert (lanes.running, lanes.waiting) == (1, 1)
    lanes.done("a", 0)
    assert values(lanes.take(0)) == [4]
    assert lanes.take(0) is None


def test_none_is_a_lane_like_any_other() -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(lanes, None, 1, 2, 3)
    assert values(lanes.take(0)) == [1, 2]
    assert lanes.take(0) is None


@given(
    steps=st.lists(st.tuples(st.sampled_from(["put", "take", "done"]), st.integers(0, 3))),
    concurrency=st.integers(1, 3),
    batch_limit=st.integers(1, 3),
)
def test_every_lane_keeps_its_order_and_its_turn(
    steps: list[tuple[str, int]], concurrency: int, batch_limit: int
) -> None:
    lanes: KeyedQueue[int] = KeyedQueue(concurrency=concurrency, batch_limit=batch_limit)
    sent: dict[int, list[int]] = {lane: [] for lane in range(4)}
    got: dict[int, list[int]] = {lane: [] for lane in range(4)}
    running: set[object] = set()
    for number, (step, lane) in enumerate(steps):
        if step == "put":
            put(lanes, lane, number)
            sent[lane].append(number)
        elif step == "take" and (batch := lanes.take(0)):
            assert isinstance(batch.ordering_key, int)
            assert batch.ordering_key not in running
            assert 1 <= len(batch.work) <= batch_limit
            running.add(batch.ordering_key)
            got[batch.ordering_key] += [work.value for work in batch.work]
        elif step == "done" and lane in running:
            running.discard(lane)
            lanes.done(lane, 0)
        assert lanes.running == len(running) <= concurrency
    assert all(sent[lane][: len(got[lane])] == got[lane] for lane in sent)
    assert lanes.waiting == sum(len(sent[lane]) - len(got[lane]) for lane in sent)
