"""Refuses events of ours that are newer than this program, before their payload is read."""

from collections.abc import Iterable

from runtime.errors import UnknownEventType
from schemas.event_types import find_unknown_type


def check_event_type(headers: Iterable[tuple[str, bytes]]) -> None:
    """Raise UnknownEventType for an event of ours in a version that is not known."""
    if unknown := find_unknown_type(headers):
        raise UnknownEventType(
            f"events of type {unknown[:100]!r} are not known to this version; upgrade to read them"
        )
