"""A consumer group of the in-process broker: who owns which partition, and what was committed.

Rebalances are eager, as aiokafka's are: every member gives up what it has, and when all have, the partitions are
dealt anew. A member that does not poll meanwhile is dropped after `rebalance_timeout`, as Kafka would.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence

from broker.ports import CommitRefused, Partition


class Member:
    """What the group knows of one consumer. `wake` is set whenever it should look again."""

    def __init__(self, topics: Sequence[str]) -> None:
        self.topics = frozenset(topics)
        self.wake = asyncio.Event()
        self.owned: frozenset[Partition] = frozenset()
        self.dealt = 0  # how often, for who was dealt nothing is to be told as well


class Group:
    """`partitions_of` tells the partitions of a topic (none while it does not exist)."""

    def __init__(
        self,
        partitions_of: Callable[[str], Sequence[Partition]],
        rebalance_timeout: float,
        committed: dict[Partition, int] | None = None,
    ) -> None:
        self.committed: dict[Partition, int] = {} if committed is None else committed
        self._partitions_of = partitions_of
        self._rebalance_timeout = rebalance_timeout
        self._members: dict[Member, bool] = {}  # in order of joining; whether it has given up what it had
        self._rebalancing = False
        self._timer: asyncio.TimerHandle | None = None

    def join(self, member: Member) -> None:
        self._members[member] = True
        self._rebalance()

    def leave(self, member: Member) -> None:
        member.owned = frozenset()
        if self._members.pop(member, None) is not None:
            self._rebalance()

    def topics_changed(self, topics: Iterable[str]) -> None:
        if any(member.topics.intersection(topics) for member in self._members):
            self._rebalance()

    def must_give_up(self, member: Member) -> bool:
        """Whether the member still holds partitions that are to be dealt anew."""
        return self._rebalancing and self._members.get(member) is False

    def gave_up(self, member: Member) -> None:
        member.owned = frozenset()
        self._members[member] = True
        self._deal_if_all_gave_up()

    def knows(self, member: Member) -> bool:
        """False for one that was dropped; it has to join again."""
        return member in self._members

    def commit(self, member: Member, offsets: Mapping[Partition, int]) -> None:
        if foreign := [p for p in offsets if p not in member.owned]:
            raise CommitRefused(f"not assigned: {', '.join(f'{p.topic}/{p.number}' for p in foreign)}")
        self.committed.update(offsets)

    def close(self) -> None:
        self._stop_timer()

    def _rebalance(self) -> None:
        self._rebalancing = True
        for member in self._members:
            self._members[member] = not member.owned
            member.wake.set()
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(self._rebalance_timeout, self._drop_silent)
        self._deal_if_all_gave_up()

    def _drop_silent(self) -> None:
        for member in [member for member, ready in self._members.items() if not ready]:
            member.owned = frozenset()
            del self._members[member]
        self._deal_if_all_gave_up()

    def _deal_if_all_gave_up(self) -> None:
        if not all(self._members.values()):
            return
        self._stop_timer()
        self._rebalancing = False
        for member, owned in deal(self._members, self._partitions_of).items():
            member.owned = owned
            member.dealt += 1
            member.wake.set()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def deal(
    members: Iterable[Member], partitions_of: Callable[[str], Sequence[Partition]]
) -> dict[Member, frozenset[Partition]]:
    """Deal every partition to one of the members that want its topic, in turn."""
    members = list(members)
    hands: dict[Member, set[Partition]] = {member: set() for member in members}
    for topic in sorted(set().union(*(member.topics for member in members))):
        wanting = [member for member in members if topic in member.topics]
        for partition in partitions_of(topic):
            hands[min(wanting, key=lambda member: len(hands[member]))].add(partition)
    return {member: frozenset(hand) for member, hand in hands.items()}
