"""What a round left behind, as it was read; nothing here is judged yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from broker.ports import Partition
from tests.support.faults.plan import PlannedRequest


class Version(NamedTuple):
    """The guard of the sink, kept apart from the sink's own code on purpose: later candles, then the later clock."""

    candle_at: int
    analyzed_at: datetime


@dataclass(frozen=True, slots=True)
class SentRequest:
    """An ask that the broker acknowledged."""

    ask: PlannedRequest
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """A record of ours on the requests topic. Sent again after an unknown outcome, a name stands there twice."""

    partition: Partition
    offset: int
    name: str


@dataclass(frozen=True, slots=True)
class OutcomeRecord:
    """One record that ends requests: a result, a failure, a dead letter."""

    partition: Partition
    offset: int
    kind: Literal["completed", "failed", "dead"]
    names: tuple[str, ...]
    reason: str | None = None
    market: str | None = None
    version: Version | None = None


class JobState(NamedTuple):
    status: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """`rows` are keyed as markets are; `analyzers` and `sinks` are the committed offsets of either group.

    healed_at  when the last fault was over
    progress   for each fault, seconds from healing to the end of a request asked then; None: it never ended
    rewound    how often a committed offset was seen to go back
    refused    how often a role wrote that its commit was refused
    fallen     roles that ended without being told to
    turned_away  looks at an API that should have been answered, and what came instead
    shown      the rows as the API answers them; None where there is no API
    scolded    calls that the exchange answered with 429 or 418, where it says so only if it was asked too much
    """

    asked: Mapping[str, SentRequest]
    placed: Sequence[RequestRecord]
    endings: Sequence[OutcomeRecord]
    jobs: Mapping[str, JobState]
    rows: Mapping[str, Version]
    analyzers: Mapping[Partition, int]
    sinks: Mapping[Partition, int]
    healed_at: datetime
    progress: Sequence[float | None] = ()
    rewound: int = 0
    refused: int = 0
    fallen: Sequence[str] = field(default_factory=tuple)
    scolded: int = 0
    turned_away: Sequence[str] = ()
    shown: Mapping[str, Version] | None = None
