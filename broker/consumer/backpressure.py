"""Backpressure: which partitions to pause and to resume, by the length of their unfinished span. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from broker.ports import Partition


class PauseResume(NamedTuple):
    """Partitions to pause, and partitions to resume."""

    pause: frozenset[Partition]
    resume: frozenset[Partition]


def pause_resume(spans: Mapping[Partition, int], paused: Collection[Partition], limit: int) -> PauseResume:
    """Decide what to change, given each assigned partition's span (records) and those paused now.

    A partition is paused at `limit` and resumed at half of it, so that it does not flap with every record.
    """
    return PauseResume(
        pause=frozenset(p for p, span in spans.items() if span >= limit and p not in paused),
        resume=frozenset(p for p, span in spans.items() if span <= limit // 2 and p in paused),
    )
