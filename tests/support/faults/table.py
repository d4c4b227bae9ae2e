"""Formats ledgers as a Markdown table, one row per round. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_HEAD = (
    *("fault", "round", "published", "completed", "failed", "dead letters", "missing", "both", "stale rows"),
    *("offset gaps", "unrecorded", "duplicates", "late", "kept of demanded", "progress (s)", "verdict"),
    "run",
)


def to_markdown(rounds: Iterable[Mapping[str, Any]]) -> str:
    """`rounds` are entries as made by `results.to_entry`."""
    lines = [_HEAD, tuple("---" for _ in _HEAD), *(_to_row(entry) for entry in rounds)]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def _to_row(entry: Mapping[str, Any]) -> tuple[object, ...]:
    ledger = entry["ledger"]
    return (
        entry["fault"] if entry["where"] == "kafka" else f"{entry['fault']} ({entry['where']})",
        entry["round"],
        ledger["published"],
        ledger["completed"],
        ", ".join(f"{count} {reason}" for reason, count in sorted(ledger["failed"].items())) or 0,
        ledger["dead"],
        *(len(ledger[name]) for name in ("missing", "both", "stale", "gaps", "unrecorded")),
        ledger["duplicates"],
        ledger["late"],
        f"{ledger['kept']} of {ledger['due']}",
        _format_progress(ledger["progress"]),
        "; ".join((*(entry["violations"] or ("kept",)), *_format_note(ledger))),
        f"{entry.get('date', '')} {entry.get('commit', '')}".strip(),
    )


def _format_progress(seconds: Sequence[float | None]) -> str:
    """Show the slowest of several strikes; a dash if one made no progress in time."""
    if not seconds or any(each is None for each in seconds):
        return "-"
    slowest = max(each for each in seconds if each is not None)
    return f"{slowest:.1f}" if len(seconds) == 1 else f"{slowest:.1f} (slowest of {len(seconds)})"


def _format_note(ledger: Mapping[str, Any]) -> Sequence[str]:
    note = ledger.get("note")
    return (note,) if note else ()
