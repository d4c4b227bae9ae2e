"""The raw data that a round leaves behind, before it is judged."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from broker.ports import Partition
from tests.support.faults.plan import PlannedRequest


class Version(NamedTuple):
    """The guard of the sink (later candle, then later analysis), deliberately independent of the sink's code."""

    candle_at: int
    analyzed_at: datetime


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request that was acknowledged."""

    ask: PlannedRequest
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A record of the round on the requests topic. A name occurs twice if it was sent again."""

    partition: Partition
    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """A record that ends requests: a result, a failure or a dead letter."""

    partition: Partition
    offset: int
    kind: Literal["completed", "failed", "dead"]
    names: tuple[str, ...]
    reason: str | None = None
    market: str | None = None
    version: Version | None = None


def keep_known(
    asked: Mapping[str, SentRequest], outcomes: Iterable[OutcomeRecord], healed_at: datetime
) -> Mapping[str, SentRequest]:
    """Return the requests that ended, and those sent after Kafka lost what it had acknowledged.

    Of the others, Kafka may have lost the request or its result.
    """
    ended = {name for ending in outcomes for name in ending.names}
    return {
        name: sent
        for name, sent in asked.items()
        if name in ended or sent.expires_at - timedelta(seconds=sent.ask.timeout) > healed_at
    }


class JobState(NamedTuple):
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`rows` are keyed by market; `analyzers` and `sinks` are the committed offsets of the two groups.

    healed_at     when the last fault was over
    progress      for each fault, seconds from healing to the outcome of a request sent then; None if there was none
    rewinds       how often a committed offset went back
    refused       how often a role logged that its commit was refused
    crashed       roles that ended without kill or stop
    failed_polls  polls of the API that failed although the API was not part of the fault
    api_rows      the rows as the API returns them; None without an API
    broken        violations of a role's own promise, and `note`, what was counted for it
    rate_limited  calls answered with 429 or 418, on an exchange that does so only above its limit
    """

    asked: Mapping[str, SentRequest]
    requests: Sequence[RequestRecord]
    outcomes: Sequence[OutcomeRecord]
    jobs: Mapping[str, JobState]
    rows: Mapping[str, Version]
    analyzers: Mapping[Partition, int]
    sinks: Mapping[Partition, int]
    healed_at: datetime
    progress: Sequence[float | None] = ()
    rewinds: int = 0
    refused: int = 0
    crashed: Sequence[str] = field(default_factory=tuple)
    rate_limited: int = 0
    failed_polls: Sequence[str] = ()
    api_rows: Mapping[str, Version] | None = None
    broken: Sequence[str] = ()
    note: str = ""
