"""Which partitions to pause: those whose unfinished span passed the limit, until it is down to half. Pure."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from broker.ports import Partition


class PauseResume(NamedTuple):
    pause: frozenset[Partition]
    resume: frozenset[Partition]


def pause_resume(spans: Mapping[Partition, int], paused: Collection[Partition], limit: int) -> PauseResume:
    """What to change, given each assigned partition's span (records) and which of them are paused now.

    Two thresholds, so that a partition at the limit does not flap with every record.
    """
    return PauseResume(
        pause=frozenset(p for p, span in spans.items() if span >= limit and p not in paused),
        resume=frozenset(p for p, span in spans.items() if span <= limit // 2 and p in paused),
    )
