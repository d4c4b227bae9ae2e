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
_NEAR_COLUMNS = (
    "level_id",
    "side",
    "price",
    "last_price",
    "is_live",
    "distance_pct",
    "distance_atr",
    "touches",
    "p_reach_24",
    "p_reach_100",
    "p_hold",
    "placebo",
    "known_at",
)
_PRICES = {"price", "low", "high", "last_price", "target"}
_PROBABILITIES = ("p_reach_24", "p_reach_100", "p_hold", "placebo")
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


def shorten(text: str, limit: int = MAX_BYTES) -> str:
    """Return the beginning of `text` that fits into `limit` bytes."""
    return text.encode()[:limit].decode(errors="ignore")


def format_levels(row: Json) -> str:
    """Return the levels of a result, nearest first."""
    levels = sorted(row.get("levels") or [], key=lambda level: level["distance_pct"])
    return clip((*_describe_result(row), _CAVEAT, *_list_levels(levels)) if levels else _describe_prices(row))


def format_evidence(row: Json, level: Json) -> str:
    """Return everything that is known of one level."""
    details = [f"{name}: {_show(level, name)}" for name in level]
    return clip((*_describe_result(row), _CAVEAT, *details))


def format_near(levels: Sequence[Json], total: int) -> str:
    """Return levels near the price, of several markets."""
    if not levels:
        return "no published level is so near to its price"
    markets = [market_key(level["market"]) for level in levels]
    lines = [
        f"{market},{','.join(_show(level, name) for name in _NEAR_COLUMNS)}"
        for market, level in zip(markets, levels, strict=True)
    ]
    header = f"market,{','.join(_NEAR_COLUMNS)}"
    return clip((f"{total} levels match, simulated: {_count_simulated(markets)}", _CAVEAT, header, *lines))


def format_events(row: Json, level_id: str, events: Sequence[Json]) -> str:
    """Return what happened at a level, newest first, below what the newest result knows of it."""
    level = find_level(row, level_id)
    present = (
        ", ".join(f"{name}: {_format(level[name])}" for name in _PROBABILITIES)
        if level
        else "not a level now"
    )
    lines = [
        f"{event['at']} {event['type']} {event.get('stage', '')} price {_show(event, 'last_price')}"
        for event in events
    ]
    title = f"events of {level_id}, newest first:" if events else f"no events of {level_id} are known"
    return clip((*_describe_result(row), present, _CAVEAT, title, *lines))


def find_level(row: Json, level_id: str) -> Json | None:
    """Return the level of a result with that id."""
    return next((level for level in row.get("levels") or [] if level["level_id"] == level_id), None)


def format_watch(watch: Json) -> str:
    """Return one watch in one line."""
    market = f"{watch['exchange']}:{watch['market_type']}:{watch['symbol']}"
    parts = [
        f"watch {watch['id']}: {market} {watch['condition']} {_show(watch, 'target')} {watch['side']}",
        f"state {watch['state']}, fires {watch['fires']}",
        f"last_price {_show(watch, 'last_price')}, simulated: {_format(is_simulated(market))}",
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
    head = f"fired: price {_show(fire, 'price')} at {fire['at']}, fire_id {fire['fire_id']}"
    return clip((head, f"known_at: {fire['at']}", format_watch(watch)))


def _count_simulated(markets: Sequence[str]) -> str:
    """Return whether markets are simulated, or which."""
    simulated = {is_simulated(market) for market in markets}
    return f"those of {SIMULATED}" if len(simulated) > 1 else _format(simulated.pop())


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
        f"last_price: {_show(row, 'last_price')}, known_at: {_known_at(row)}, result id {row['id']}",
    ]


def _known_at(row: Json) -> str:
    """Return the close of the last candle: from then on all of it was known."""
    if not row.get("candle_at"):
        return str(row["updated_at"])
    closed = candle_end(to_ms(datetime.fromisoformat(row["candle_at"])), row["timeframe"])
    return from_ms(closed).isoformat().replace("+00:00", "Z")


def _list_levels(levels: Sequence[Json]) -> list[str]:
    lines = [",".join(_show(level, name) for name in _LEVEL_COLUMNS) for level in levels]
    return [",".join(_LEVEL_COLUMNS), *lines]


def _describe_prices(row: Json) -> list[str]:
    return [
        *_describe_result(row),
        "no evidence is stored; prices only",
        f"supports: {_list_prices(row['support_levels'])}",
        f"resistances: {_list_prices(row['resistance_levels'])}",
    ]


def _list_prices(prices: Sequence[float]) -> str:
    return " ".join(f"{price:.12g}" for price in prices)


def _show(row: Json, name: str) -> str:
    """Return a field as text: prices in full, since orders are made of them."""
    value = row.get(name)
    return f"{value:.12g}" if name in _PRICES and value is not None else _format(value)


def _format(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_format(one)}" for name, one in value.items())
    if isinstance(value, list):
        return " ".join(_format(one) for one in value)
    return str(value)
