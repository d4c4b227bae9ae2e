"""KeyedQueue: one batch at a time in each, in order, many beside one another."""

from hypothesis import given
from hypothesis import strategies as st

from broker.consumer.keyed_queue import Batch, KeyedQueue, Work
from broker.consumer.offsets import OffsetMark
from broker.ports import Partition

P, Q = Partition("t", 0), Partition("t", 1)


def put(
    queue: KeyedQueue[int], key: object, *values: int, partition: Partition = P, now: float = 0.0
) -> None:
    for value in values:
        queue.put(key, Work(value, OffsetMark(partition, 1, value)), now)


def values(batch: Batch[int] | None) -> list[int] | None:
    return None if batch is None else [work.value for work in batch.work]


def test_keyed_queue_runs_one_batch_of_a_key_at_a_time() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(queue, "a", 1, 2, 3)
    assert values(queue.take(0)) == [1, 2]
    assert queue.take(0) is None
    queue.finish("a", 0)
    assert values(queue.take(0)) == [3]


def test_keyed_queue_serves_keys_in_the_order_of_arrival() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=10)
    for number, key in enumerate("cab"):
        put(queue, key, number)
    put(queue, "c", 3)
    assert [values(queue.take(0)) for _ in range(4)] == [[0, 3], [1], [2], None]


def test_keyed_queue_never_exceeds_its_concurrency() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=2, batch_limit=1)
    for number, key in enumerate("abc"):
        put(queue, key, number)
    assert values(queue.take(0)) == [0]
    assert values(queue.take(0)) == [1]
    assert queue.take(0) is None
    queue.finish("b", 0)
    assert values(queue.take(0)) == [2]


def test_keyed_queue_lingers_until_a_batch_is_full_or_its_time_is_up() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2, linger=5.0)
    put(queue, "a", 1, now=10.0)
    assert queue.take(14.0) is None
    assert queue.due_in(14.0) == 1.0
    put(queue, "b", 2, 3, now=14.0)
    assert values(queue.take(14.0)) == [2, 3]
    assert values(queue.take(15.0)) == [1]
    assert queue.due_in(15.0) is None


def test_keyed_queue_waits_for_no_clock_at_full_concurrency() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=1, batch_limit=1, linger=5.0)
    put(queue, "a", 1)
    put(queue, "b", 2)
    assert queue.take(0) is not None
    assert queue.due_in(0) is None


def test_keyed_queue_drop_removes_waiting_work_and_leaves_running_work() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(queue, "a", 1, 2)
    assert values(queue.take(0)) == [1, 2]
    put(queue, "a", 3)
    put(queue, "a", 4, partition=Q)
    put(queue, "b", 5, 6)
    assert queue.drop({P}) == 3
    assert (queue.running, queue.waiting) == (1, 1)
    queue.finish("a", 0)
    assert values(queue.take(0)) == [4]
    assert queue.take(0) is None


def test_keyed_queue_accepts_none_as_a_key() -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=4, batch_limit=2)
    put(queue, None, 1, 2, 3)
    assert values(queue.take(0)) == [1, 2]
    assert queue.take(0) is None


@given(
    steps=st.lists(st.tuples(st.sampled_from(["put", "take", "done"]), st.integers(0, 3))),
    concurrency=st.integers(1, 3),
    batch_limit=st.integers(1, 3),
)
def test_keyed_queue_keeps_the_order_of_every_key(
    steps: list[tuple[str, int]], concurrency: int, batch_limit: int
) -> None:
    queue: KeyedQueue[int] = KeyedQueue(concurrency=concurrency, batch_limit=batch_limit)
    sent: dict[int, list[int]] = {key: [] for key in range(4)}
    got: dict[int, list[int]] = {key: [] for key in range(4)}
    running: set[object] = set()
    for number, (step, key) in enumerate(steps):
        if step == "put":
            put(queue, key, number)
            sent[key].append(number)
        elif step == "take" and (batch := queue.take(0)):
            assert isinstance(batch.ordering_key, int)
            assert batch.ordering_key not in running
            assert 1 <= len(batch.work) <= batch_limit
            running.add(batch.ordering_key)
            got[batch.ordering_key] += [work.value for work in batch.work]
        elif step == "done" and key in running:
            running.discard(key)
            queue.finish(key, 0)
        assert queue.running == len(running) <= concurrency
    assert all(sent[key][: len(got[key])] == got[key] for key in sent)
    assert queue.waiting == sum(len(sent[key]) - len(got[key]) for key in sent)
