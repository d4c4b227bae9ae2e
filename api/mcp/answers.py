"""Answers of the REST API as short texts for language models. Pure.

Each states when it was known, which market is simulated, and what the probabilities are worth.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from schemas.market import SIMULATED, candle_end
from schemas.values import from_ms, to_ms

MAX_BYTES = 2_000

Json = Mapping[str, Any]

_LEVEL_COLUMNS = (
    "level_id",
    "side",
    "price",
    "distance_pct",
    "touches",
    "bounces",
    "breaks",
    "p_reach_24",
    "p_reach_100",
    "p_hold",
    "placebo",
)
_CAVEAT = (
    "p_reach: probability of being touched within 24/100 candles, equal for any price as far away. "
    "p_hold equals placebo: levels hold as often as random prices."
)


def clip(lines: Iterable[str], limit: int = MAX_BYTES) -> str:
    """Join lines as long as they fit into `limit` bytes, and state how many are left out."""
    listed = list(lines)
    for count in range(len(listed), -1, -1):
        rest = [f"({len(listed) - count} more lines left out)"] if count < len(listed) else []
        text = "\n".join([*listed[:count], *rest])
        if len(text.encode()) <= limit:
            return text
    return ""


def format_levels(row: Json) -> str:
    """Return the levels of a result, nearest first."""
    levels = sorted(row.get("levels") or [], key=lambda level: level["distance_pct"])
    return clip((*_describe_result(row), *_list_levels(levels), _CAVEAT) if levels else _describe_prices(row))


def format_evidence(row: Json, level: Json) -> str:
    """Return everything that is known of one level."""
    details = [f"{name}: {_format(value)}" for name, value in level.items()]
    return clip((*_describe_result(row), *details, _CAVEAT))


def format_near(rows: Sequence[tuple[str, Json]], known: str) -> str:
    """Return levels of several markets, each with its market key."""
    if not rows:
        return f"no level is so near ({known})"
    header = f"market,{','.join(_LEVEL_COLUMNS)}"
    lines = [
        f"{market},{','.join(_format(level.get(name)) for name in _LEVEL_COLUMNS)}" for market, level in rows
    ]
    simulated = any(market.startswith(f"{SIMULATED}:") for market, _ in rows)
    return clip((known, f"simulated: {_format(simulated)}", _CAVEAT, header, *lines))


def format_events(market: str, level_id: str, events: Sequence[Json]) -> str:
    """Return what happened at a level, newest first."""
    if not events:
        return f"{market} {level_id}: no events are known of this level"
    lines = [
        f"{event['at']} {event['type']} {event.get('stage', '')} price {_format(event['last_price'])}"
        for event in events
    ]
    return clip((f"{market} {level_id}, simulated: {_format(is_simulated(market))}, newest first", *lines))


def format_watch(watch: Json) -> str:
    """Return one watch in one line."""
    market = f"{watch['exchange']}:{watch['market_type']}:{watch['symbol']}"
    parts = [
        f"watch {watch['id']}: {market} {watch['condition']} {_format(watch['target'])} {watch['side']}",
        f"state {watch['state']}, fires {watch['fires']}",
        f"last_price {_format(watch.get('last_price'))}, simulated: {_format(is_simulated(market))}",
    ]
    if watch.get("level_id"):
        parts.append(f"level {watch['level_id']}")
    return ", ".join(parts)


def format_watches(watches: Sequence[Json], total: int) -> str:
    """Return watches, newest first."""
    return clip((f"{total} watches", *(format_watch(watch) for watch in watches)))


def format_fire(watch: Json, fires: Sequence[Json]) -> str:
    """Return the newest fire of a watch, or that there is none (yet)."""
    if not fires:
        return clip(("no fire yet: call again to wait longer", format_watch(watch)))
    fire = fires[0]
    head = f"fired: price {_format(fire['price'])} at {fire['at']}, fire_id {fire['fire_id']}"
    return clip((head, f"known_at: {fire['at']}", format_watch(watch)))


def is_simulated(market: str) -> bool:
    """Return whether a market key, or an instrument, is one of the simulated exchange."""
    return market.partition(":")[0] == SIMULATED


def market_key(row: Json) -> str:
    """Return the key of a result's market."""
    return f"{row['exchange']}:{row['market_type']}:{row['symbol']}:{row['timeframe']}"


def _describe_result(row: Json) -> list[str]:
    market = market_key(row)
    return [
        f"market: {market}, simulated: {_format(is_simulated(market))}",
        f"last_price: {_format(row['last_price'])}, known_at: {_known_at(row)}, result id {row['id']}",
    ]


def _known_at(row: Json) -> str:
    """Return the close of the last candle: from then on all of it was known."""
    if not row.get("candle_at"):
        return str(row["updated_at"])
    closed = candle_end(to_ms(datetime.fromisoformat(row["candle_at"])), row["timeframe"])
    return from_ms(closed).isoformat().replace("+00:00", "Z")


def _list_levels(levels: Sequence[Json]) -> list[str]:
    lines = [",".join(_format(level.get(name)) for name in _LEVEL_COLUMNS) for level in levels]
    return [",".join(_LEVEL_COLUMNS), *lines]


def _describe_prices(row: Json) -> list[str]:
    return [
        *_describe_result(row),
        "no evidence is stored; prices only",
        f"supports: {_format(row['support_levels'])}",
        f"resistances: {_format(row['resistance_levels'])}",
    ]


def _format(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}" if abs(value) < 1_000 else f"{value:.10g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_format(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(_format(one) for one in value)
    return str(value)
