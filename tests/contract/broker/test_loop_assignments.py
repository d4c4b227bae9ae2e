"""When the loop reports assignments to its role: before their records, and each time."""

from collections.abc import Sequence

from broker.ports import Partition
from tests.contract.broker.test_consumer_loop import Loops, Role, group, loops, publish, role
from tests.support.deadlines import until

__all__ = ["group", "loops", "role"]


async def test_loop_calls_on_assigned_before_the_first_record(loops: Loops, role: Role) -> None:
    reported: list[tuple[int, int]] = []

    def assigned(partitions: Sequence[Partition]) -> None:
        reported.append((len(partitions), len(role.started)))

    await publish(loops, b"k", 1, 2, 3)
    async with loops.running(role, on_assigned=assigned):
        await until(lambda: len(role.handled) == 3)
    assert reported == [(2, 0)]


async def test_loop_calls_on_assigned_with_all_partitions_at_every_rebalance(
    loops: Loops, role: Role
) -> None:
    reported: list[frozenset[Partition]] = []

    def assigned(partitions: Sequence[Partition]) -> None:
        reported.append(frozenset(partitions))

    async with loops.running(role, on_assigned=assigned) as first:
        await until(lambda: len(first.state.assigned) == 2)
        async with loops.running(Role()) as second:
            await until(lambda: len(first.state.assigned) == len(second.state.assigned) == 1)
            assert reported[-1] == first.state.assigned
        await until(lambda: len(first.state.assigned) == 2)
        assert reported[-1] == first.state.assigned
