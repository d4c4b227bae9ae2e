"""Dealing partitions to the members of a group of the in-process broker."""

from hypothesis import given, settings
from hypothesis import strategies as st

from broker.memory.group import Member, assign_partitions
from broker.ports import Partition

TOPICS = {"a": 5, "b": 2, "c": 0}


def partitions_of(topic: str) -> list[Partition]:
    return [Partition(topic, number) for number in range(TOPICS[topic])]


@settings(deadline=None)
@given(st.lists(st.sets(st.sampled_from(sorted(TOPICS)), min_size=1), max_size=6))
def test_assignment_gives_each_partition_to_one_subscribed_member(wishes: list[set[str]]) -> None:
    members = [Member(sorted(wish)) for wish in wishes]
    hands = assign_partitions(members, partitions_of)
    dealt = [partition for hand in hands.values() for partition in hand]
    wanted = {partition for wish in wishes for topic in wish for partition in partitions_of(topic)}
    assert len(dealt) == len(set(dealt))
    assert set(dealt) == wanted
    assert all(partition.topic in member.topics for member, hand in hands.items() for partition in hand)


@given(st.integers(1, 8))
def test_assignment_is_even(members: int) -> None:
    sizes = [
        len(hand)
        for hand in assign_partitions([Member(["a"]) for _ in range(members)], partitions_of).values()
    ]
    assert max(sizes) - min(sizes) <= 1
