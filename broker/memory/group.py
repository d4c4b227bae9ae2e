"""A consumer group of the in-process broker: which member owns which partition, and what was committed.

Rebalances are eager, as in aiokafka: every member revokes its partitions, and once all have, the partitions are
assigned again. A member that does not poll during a rebalance is removed after `rebalance_timeout`, as in Kafka.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from broker.ports import CommitRefused, Partition


class Member:
    """The group's state of one consumer. `wake` is set whenever the consumer should check it again."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = frozenset(topics)
        self.wake = asyncio.Event()
        self.owned: frozenset[Partition] = frozenset()
        self.assignments = 0  # counts them, since an empty assignment is reported as well


class Group:
    """`partitions_of` returns the partitions of a topic (none while it does not exist)."""

    def __init__(
        self,
        partitions_of: Callable[[str], Sequence[Partition]],
        rebalance_timeout: float,
        committed: dict[Partition, int] | None = None,
    ) -> None:
        self.committed: dict[Partition, int] = {} if committed is None else committed
        self._partitions_of = partitions_of
        self._rebalance_timeout = rebalance_timeout
        self._members: dict[Member, bool] = {}  # in order of joining; whether it has revoked its partitions
        self._rebalancing = False
        self._timer: asyncio.TimerHandle | None = None

    def join(self, member: Member) -> None:
        """Add a member and rebalance."""
        self._members[member] = True
        self._rebalance()

    def leave(self, member: Member) -> None:
        """Remove a member and rebalance."""
        member.owned = frozenset()
        if self._members.pop(member, None) is not None:
            self._rebalance()

    def notify_created(self, topics: Iterable[str]) -> None:
        """Rebalance if a member subscribes to one of the created topics."""
        if any(member.topics.intersection(topics) for member in self._members):
            self._rebalance()

    def must_revoke(self, member: Member) -> bool:
        """Return whether the member still holds partitions that are to be assigned again."""
        return self._rebalancing and self._members.get(member) is False

    def confirm_revoked(self, member: Member) -> None:
        """Note that the member has revoked its partitions; assign once all members have."""
        member.owned = frozenset()
        self._members[member] = True
        self._assign_when_all_revoked()

    def is_member(self, member: Member) -> bool:
        """Return False for a member that was removed; it has to join again."""
        return member in self._members

    def commit(self, member: Member, offsets: Mapping[Partition, int]) -> None:
        """Commit offsets of partitions that the member owns. Raises CommitRefused."""
        if foreign := [p for p in offsets if p not in member.owned]:
            raise CommitRefused(f"not assigned: {', '.join(f'{p.topic}/{p.number}' for p in foreign)}")
        self.committed.update(offsets)

    def close(self) -> None:
        """Stop the timer of a rebalance that runs."""
        self._stop_timer()

    def _rebalance(self) -> None:
        self._rebalancing = True
        for member in self._members:
            self._members[member] = not member.owned
            member.wake.set()
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(self._rebalance_timeout, self._remove_silent)
        self._assign_when_all_revoked()

    def _remove_silent(self) -> None:
        for member in [member for member, ready in self._members.items() if not ready]:
            member.owned = frozenset()
            del self._members[member]
        self._assign_when_all_revoked()

    def _assign_when_all_revoked(self) -> None:
        if not all(self._members.values()):
            return
        self._stop_timer()
        self._rebalancing = False
        for member, owned in assign_partitions(self._members, self._partitions_of).items():
            member.owned = owned
            member.assignments += 1
            member.wake.set()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def assign_partitions(
    members: Iterable[Member], partitions_of: Callable[[str], Sequence[Partition]]
) -> dict[Member, frozenset[Partition]]:
    """Assign every partition to the member with the fewest of those that subscribe to its topic."""
    members = list(members)
    assigned: dict[Member, set[Partition]] = {member: set() for member in members}
    for topic in sorted(set().union(*(member.topics for member in members))):
        subscribers = [member for member in members if topic in member.topics]
        for partition in partitions_of(topic):
            assigned[min(subscribers, key=lambda member: len(assigned[member]))].add(partition)
    return {member: frozenset(owned) for member, owned in assigned.items()}
