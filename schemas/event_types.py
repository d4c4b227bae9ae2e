"""Which events a program of this version reads, by their `ce_type`."""

from collections.abc import Iterable

from pydantic import BaseModel

from schemas.candles.closed import CandleClosed
from schemas.candles.unchanged import AnalysisUnchanged
from schemas.events import AnalysisCompleted, AnalysisFailed, PriceTicked
from schemas.level_events import LEVEL_EVENTS
from schemas.requests import AnalysisRequested
from schemas.topics import event_type
from schemas.watch_events import WatchBlinded, WatchExpired, WatchFired, WatchSighted

_OURS = "strandline."
_EVENTS: tuple[type[BaseModel], ...] = (
    AnalysisRequested,
    AnalysisCompleted,
    AnalysisFailed,
    AnalysisUnchanged,
    PriceTicked,
    CandleClosed,
    WatchFired,
    WatchExpired,
    WatchBlinded,
    WatchSighted,
    *LEVEL_EVENTS,
)
_KNOWN = frozenset(event_type(event) for event in _EVENTS)


def find_unknown_type(headers: Iterable[tuple[str, bytes]]) -> str | None:
    """Return the `ce_type` of a record if it is an event of ours that this version does not know.

    Records without a type are read, and so are those with a type of others: they may have wrapped a payload of ours.
    """
    return next((named for named in _read_types(headers) if is_unknown_type(named)), None)


def is_unknown_type(named: str) -> bool:
    """Return whether `named` is the type of an event of ours, in a version or with a name that is not known."""
    return named.startswith(_OURS) and named not in _KNOWN


def _read_types(headers: Iterable[tuple[str, bytes]]) -> Iterable[str]:
    return (
        value.decode(errors="replace") for name, value in headers if name == "ce_type" and value is not None
    )
