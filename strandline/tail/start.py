"""Where `strandline tail` begins."""

from datetime import datetime

from broker.ports import Edge


class InvalidStart(ValueError):
    """The value of --from is neither an edge nor a time."""


def parse_start(text: str) -> Edge | datetime:
    """Parse `beginning`, `end` or a time. Raises InvalidStart."""
    if text in {edge.value for edge in Edge}:
        return Edge(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidStart(
            f"--from {text!r}: use beginning, end, or a time like 2026-11-22T13:00:00Z"
        ) from None
    return time if time.tzinfo else time.astimezone()
