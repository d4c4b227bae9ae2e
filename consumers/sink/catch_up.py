"""Up to when all requests are answered and all answers written, from samples of lag. Pure.

A partition whose lag is 0 has nothing uncommitted from before the sample. An analyzer commits a request once its answer
is acknowledged, the sink an answer once it is in the tables. So a request published before every partition of the
requests was at 0 is answered, and that answer is written once every partition of the answers was at 0 after that. The
samples at 0 need not be at the same time: on a busy system they never are.
"""

from collections.abc import Mapping
from datetime import datetime

from broker.ports import Lag, Partition
from schemas.topics import ANALYZER_GROUP, FAILURES, REQUESTS, RESULTS, SINK_GROUP

SAMPLED = {ANALYZER_GROUP: (REQUESTS.name,), SINK_GROUP: (RESULTS.name, FAILURES.name)}
"""The topics whose lag to sample, by group."""


class CatchUp:
    """`settled_until`: a request published before it has its answer in the tables, or gets none."""

    def __init__(self) -> None:
        self.settled_until: datetime | None = None
        self._analyzed: dict[Partition, datetime] = {}
        self._written: dict[Partition, datetime] = {}
        self._checkpoint: tuple[datetime, datetime] | None = None

    def observe(self, lag: Lag, sampled_at: datetime) -> None:
        """Take a sample of the lag, which was measured no earlier than `sampled_at`."""
        analyzed_until = _note(self._analyzed, lag.get(ANALYZER_GROUP, {}), sampled_at)
        written_until = _note(self._written, lag.get(SINK_GROUP, {}), sampled_at)
        if self._checkpoint is not None and written_until is not None:
            answered_until, reached_at = self._checkpoint
            if written_until > reached_at:
                self.settled_until, self._checkpoint = answered_until, None
        if self._checkpoint is None and analyzed_until is not None:
            self._checkpoint = analyzed_until, sampled_at


def _note(
    times: dict[Partition, datetime], lag: Mapping[Partition, int], sampled_at: datetime
) -> datetime | None:
    """Note the partitions at 0, and return up to when all are caught up; None until each was at 0 once."""
    times.update((partition, sampled_at) for partition, records in lag.items() if records == 0)
    if not lag or not times.keys() >= lag.keys():
        return None
    return min(times[partition] for partition in lag)
