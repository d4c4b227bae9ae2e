"""Parse the operator's watchlist and select the markets that it means among those listed. Pure but for its file.

An entry is a market key, in which `*` matches any letters and `>N` requires a 24-hour volume in the quote currency
(`binance:spot:*USDT:1h>10000000`), or in YAML a mapping, see `WatchlistEntry`.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.market import Market, MarketType, check_timeframe, normalize_symbol
from schemas.requests import format_validation_error
from schemas.symbols import InvalidMarket

_FORM = (
    "exchange:market_type:SYMBOL:timeframe, such as binance:spot:BTCUSDT:1h or binance:spot:*USDT:1h>10000000"
)
_KEY = re.compile(
    r"(?P<exchange>[^:]+):(?P<kind>[^:]+):(?P<symbol>[^:]+):(?P<timeframe>[^:>]+)(>(?P<volume>.+))?"
)
_WILD = re.compile(r"[^\W_*]*(\*[^\W_*]*)+")


@dataclass(frozen=True, slots=True)
class ListedMarket:
    """A market that an exchange offers, with its 24-hour volume in the quote currency where the exchange has one."""

    market_type: MarketType
    symbol: str
    volume: float | None = None


class WatchlistEntry(BaseModel):
    """`symbols` by name or with `*`; `volume_above` excludes markets with less volume, or with none known."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exchange: Annotated[str, Field(min_length=1)]
    market_type: MarketType = "spot"
    symbols: Annotated[tuple[str, ...], Field(min_length=1)]
    timeframes: Annotated[tuple[str, ...], Field(min_length=1)]
    volume_above: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _wrap_single_values(cls, value: object) -> object:
        if not isinstance(value, Mapping):
            return value
        return {name: [item] if name in {"symbols", "timeframes"} and isinstance(item, str) else item
                for name, item in value.items()}  # fmt: skip

    @field_validator("exchange", "market_type", mode="before")
    @classmethod
    def _lowercase(cls, value: object) -> object:
        return value.strip().lower() if isinstance(value, str) else value

    @field_validator("timeframes")
    @classmethod
    def _normalize_timeframes(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(check_timeframe(one.strip()) for one in value)

    @model_validator(mode="after")
    def _normalize_symbols(self) -> "WatchlistEntry":
        symbols = tuple(_normalize_symbol(one.strip(), self.market_type) for one in self.symbols)
        object.__setattr__(self, "symbols", symbols)
        return self

    @property
    def needs_market_list(self) -> bool:
        """Whether the entry can be resolved only with the exchange's list of markets."""
        return self.volume_above is not None or any("*" in symbol for symbol in self.symbols)


@dataclass(frozen=True, slots=True)
class WatchlistSelection:
    """`unknown` are markets written by name that the exchange does not list: a request for one could only fail."""

    markets: tuple[Market, ...]
    unknown: tuple[str, ...] = ()


def read_watchlist(settings: Settings) -> tuple[WatchlistEntry, ...]:
    """Return the entries of the setting and of the file. Raises ConfigurationError, which names the invalid entry."""
    entries = [_parse_entry(one, f"STRANDLINE_WATCHLIST: {one!r}", settings) for one in settings.watchlist]
    if settings.watchlist_file is not None:
        label = f"STRANDLINE_WATCHLIST_FILE ({settings.watchlist_file})"
        entries += [
            _parse_entry(one, f"{label}: entry {number}", settings)
            for number, one in enumerate(_read_file(settings.watchlist_file, label), 1)
        ]
    return tuple(entries)


def select_markets(
    entries: Iterable[WatchlistEntry], listed: Mapping[str, Sequence[ListedMarket]]
) -> WatchlistSelection:
    """Return each market once. Until an exchange's list is known, only markets written by name are selected."""
    markets: dict[str, Market] = {}
    unknown: dict[str, None] = {}
    for entry in entries:
        offered = listed.get(entry.exchange)
        for symbol in entry.symbols:
            symbols = _match_symbols(entry, symbol, offered)
            if not symbols and offered is not None and "*" not in symbol and entry.volume_above is None:
                unknown[f"{entry.exchange}:{entry.market_type}:{symbol}"] = None
            for market in _to_markets(entry, symbols):
                markets[market.key] = market
    return WatchlistSelection(tuple(markets.values()), tuple(unknown))


def _normalize_symbol(value: str, market_type: MarketType) -> str:
    plain = value.replace("/", "").upper()
    return plain if _WILD.fullmatch(plain) else normalize_symbol(value, market_type)


def _match_symbols(entry: WatchlistEntry, symbol: str, offered: Sequence[ListedMarket] | None) -> list[str]:
    if offered is None:
        return [] if entry.needs_market_list else [symbol]
    pattern = re.compile(".*".join(re.escape(part) for part in symbol.split("*")))
    minimum = entry.volume_above
    return [
        one.symbol
        for one in offered
        if one.market_type == entry.market_type
        and pattern.fullmatch(one.symbol)
        and (minimum is None or (one.volume is not None and one.volume > minimum))
    ]


def _to_markets(entry: WatchlistEntry, symbols: Iterable[str]) -> list[Market]:
    return [
        Market.of(entry.exchange, symbol, entry.market_type, timeframe)
        for symbol in symbols
        for timeframe in entry.timeframes
    ]


def _parse_entry(value: object, where: str, settings: Settings) -> WatchlistEntry:
    try:
        entry = WatchlistEntry.model_validate(_to_mapping(value, settings))
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {format_validation_error(error)}") from None
    except InvalidMarket as error:
        raise ConfigurationError(f"{where}: {error}") from None
    if entry.exchange not in settings.exchanges:
        allowed = ", ".join(settings.exchanges)
        raise ConfigurationError(
            f"{where}: exchange {entry.exchange!r} is not one of {allowed} (STRANDLINE_EXCHANGES)"
        )
    return entry


def _to_mapping(value: object, settings: Settings) -> Mapping[str, Any]:
    if isinstance(value, str):
        if not (found := _KEY.fullmatch(value.strip())):
            raise InvalidMarket(f"write {_FORM}")
        return {
            "exchange": found["exchange"],
            "market_type": found["kind"],
            "symbols": [found["symbol"]],
            "timeframes": [found["timeframe"]],
            "volume_above": found["volume"],
        }
    if isinstance(value, Mapping):
        return {"exchange": settings.exchange, **value}
    raise InvalidMarket(f"write {_FORM}, or a mapping with symbols and timeframes")


def _read_file(file: Path, label: str) -> list[object]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{label} cannot be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" (line {mark.line + 1})" if mark is not None else ""
        raise ConfigurationError(f"{label} is no YAML{line}") from None
    entries = content.get("markets") if isinstance(content, Mapping) else content
    if not isinstance(entries, list):
        raise ConfigurationError(f"{label} must be a list of entries, or a mapping with `markets:`")
    return entries
