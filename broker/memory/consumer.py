"""A group member of the in-process broker."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

from broker.memory.group import Group, Member
from broker.memory.log import PartitionLog
from broker.ports import CommitRefused, Partition, RebalanceListener, Record, compute_lag


class MemoryConsumer:
    """Its callbacks run inside `poll`. `log_of`: the log of a partition; `save_commit` stores offsets."""

    def __init__(
        self,
        group: Group,
        topics: Sequence[str],
        listener: RebalanceListener,
        log_of: Callable[[Partition], PartitionLog],
        save_commit: Callable[[Mapping[Partition, int]], Awaitable[None]],
    ) -> None:
        self._group = group
        self._listener = listener
        self._log_of = log_of
        self._save_commit = save_commit
        self._member = Member(topics)
        self._seen_assignments = 0
        self._held: frozenset[Partition] = frozenset()  # as last reported to the listener
        self._positions: dict[Partition, int] = {}
        self._paused: set[Partition] = set()
        self._listening: frozenset[Partition] = frozenset()

    def join(self) -> None:
        """Join the group."""
        self._group.join(self._member)

    def leave(self) -> None:
        """Leave the group; nothing is reported to the listener."""
        self._listen_to(frozenset())
        self._group.leave(self._member)

    async def poll(self, max_records: int, timeout: float) -> Sequence[Record]:
        """Return records, after reporting a rebalance if there was one."""
        await asyncio.sleep(0)  # a full log must not starve the other tasks of the loop
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while True:
            self._member.wake.clear()
            await self._apply_assignment()
            records = self._take(max_records)
            if records or loop.time() >= deadline:
                return records
            try:
                async with asyncio.timeout_at(deadline):
                    await self._member.wake.wait()
            except TimeoutError:
                return []

    def positions(self) -> Mapping[Partition, int]:
        """Return the offsets to read next."""
        return dict(self._positions)

    def pause(self, partitions: Iterable[Partition]) -> None:
        """Pause assigned partitions."""
        self._paused.update(self._held.intersection(partitions))

    def resume(self, partitions: Iterable[Partition]) -> None:
        """Resume partitions."""
        self._paused.difference_update(partitions)
        self._member.wake.set()

    async def lag(self) -> Mapping[Partition, int]:
        """Return the uncommitted records of each assigned partition."""
        committed = self._group.committed
        return {
            at: compute_lag(committed.get(at), log.first, log.next)
            for at in self._held
            for log in [self._log_of(at)]
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        """Commit, unless the group rebalances first. Raises CommitRefused, and Transient for an unwritable journal."""
        owned = self._member.owned
        await asyncio.sleep(0)  # as with a real broker, other tasks may run before it is done
        if self._member.owned is not owned:
            raise CommitRefused("the group was rebalanced during the commit")
        self._group.commit(self._member, offsets)
        await self._save_commit(offsets)

    async def _apply_assignment(self) -> None:
        if not self._group.is_member(self._member):
            await self._revoke()
            self._group.join(self._member)
        if self._group.must_revoke(self._member):
            await self._revoke()
            self._group.confirm_revoked(self._member)
        if self._member.assignments != self._seen_assignments:
            self._seen_assignments = self._member.assignments
            await self._assign(self._member.owned)

    async def _revoke(self) -> None:
        if self._held:
            await self._listener.on_revoked(sorted(self._held))
        self._held = frozenset()
        self._seen_assignments = self._member.assignments
        self._positions.clear()
        self._paused.clear()
        self._listen_to(frozenset())

    async def _assign(self, partitions: frozenset[Partition]) -> None:
        self._held = partitions
        self._listen_to(partitions)
        self._positions = {p: self._start_offset(p) for p in sorted(partitions)}
        await self._listener.on_assigned(sorted(partitions))

    def _start_offset(self, partition: Partition) -> int:
        return self._group.committed.get(partition, self._log_of(partition).first)

    def _listen_to(self, partitions: frozenset[Partition]) -> None:
        for partition in self._listening - partitions:
            self._log_of(partition).listeners.discard(self._member.wake)
        for partition in partitions - self._listening:
            self._log_of(partition).listeners.add(self._member.wake)
        self._listening = partitions

    def _take(self, max_records: int) -> Sequence[Record]:
        self._raise_losses()
        taken: list[Record] = []
        for partition in [p for p in self._positions if p not in self._paused]:
            if len(taken) == max_records:
                break
            # Put back at the end: the partition read last is last in the next poll, so that none starves.
            position = self._positions.pop(partition)
            records = self._log_of(partition).read(position, max_records - len(taken))
            self._positions[partition] = position + len(records)
            taken += records
        return taken

    def _raise_losses(self) -> None:
        for partition, position in self._positions.items():
            log = self._log_of(partition)
            if lost := log.find_loss(position):
                self._positions[partition] = log.first
                raise lost
