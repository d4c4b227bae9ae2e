"""Parse the entries of the watchlist. Pure but for its file.

An entry is a market key, in which `*` matches any letters and `>N` requires a 24-hour volume in the quote currency
(`binance:spot:*USDT:1h>10000000`), or in YAML a mapping, see `WatchlistEntry`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from runtime.errors import ConfigurationError
from runtime.settings import Settings
from schemas.market import MarketType, check_timeframe, normalize_symbol
from schemas.requests import format_validation_error
from schemas.symbols import InvalidMarket

_FORM = (
    "exchange:market_type:SYMBOL:timeframe, such as binance:spot:BTCUSDT:1h or binance:spot:*USDT:1h>10000000"
)
_KEY = re.compile(
    r"(?P<exchange>[^:]+):(?P<kind>[^:]+):(?P<symbol>[^:]+):(?P<timeframe>[^:>]+)(>(?P<volume>.+))?"
)
Priority = Annotated[int, Field(ge=-1_000, le=1_000)]

_WILD = re.compile(r"[^\W_*]*(\*[^\W_*]*)+")


class WatchlistEntry(BaseModel):
    """`symbols` by name or with `*`; `volume_above` excludes markets with less volume, or with none known. A higher
    `priority` goes first where not all can be served at once.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exchange: Annotated[str, Field(min_length=1)]
    market_type: MarketType = "spot"
    symbols: Annotated[tuple[str, ...], Field(min_length=1)]
    timeframes: Annotated[tuple[str, ...], Field(min_length=1)]
    volume_above: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    priority: Priority = 0

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

    @property
    def keys(self) -> tuple[str, ...]:
        """The entry as one key for each symbol and timeframe, each of which can be parsed again."""
        volume = "" if self.volume_above is None else f">{repr(self.volume_above).removesuffix('.0')}"
        return tuple(
            f"{self.exchange}:{self.market_type}:{symbol}:{timeframe}{volume}"
            for symbol in self.symbols
            for timeframe in self.timeframes
        )


def read_watchlist(settings: Settings) -> tuple[WatchlistEntry, ...]:
    """Return the entries of the setting and of the file. Raises ConfigurationError, which names the invalid entry."""
    entries = [parse_entry(one, f"STRANDLINE_WATCHLIST: {one!r}", settings) for one in settings.watchlist]
    if settings.watchlist_file is not None:
        label = f"STRANDLINE_WATCHLIST_FILE ({settings.watchlist_file})"
        entries += [
            parse_entry(one, f"{label}: entry {number}", settings)
            for number, one in enumerate(_read_file(settings.watchlist_file, label), 1)
        ]
    return tuple(entries)


def parse_entry(value: object, where: str, settings: Settings) -> WatchlistEntry:
    """Return the entry that a key or a mapping means. Raises ConfigurationError, which begins with `where`."""
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


def _normalize_symbol(value: str, market_type: MarketType) -> str:
    plain = value.replace("/", "").upper()
    return plain if _WILD.fullmatch(plain) else normalize_symbol(value, market_type)


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
