"""Which markets are kept fresh: what the operator wrote, and which markets that means among those listed. Pure.

An entry is a market key, in which `*` stands for any letters and `>N` asks for a volume in 24 hours, counted in the
quote currency (`binance:spot:*USDT:1h>10000000`), or in YAML a mapping, see `Entry`.
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
from schemas.market import InvalidMarket, Market, MarketType, stored_symbol, stored_timeframe
from schemas.requests import told

_FORM = (
    "exchange:market_type:SYMBOL:timeframe, such as binance:spot:BTCUSDT:1h or binance:spot:*USDT:1h>10000000"
)
_KEY = re.compile(
    r"(?P<exchange>[^:]+):(?P<kind>[^:]+):(?P<symbol>[^:]+):(?P<timeframe>[^:>]+)(>(?P<volume>.+))?"
)
_WILD = re.compile(r"[^\W_*]*(\*[^\W_*]*)+")


@dataclass(frozen=True, slots=True)
class Listed:
    """A market that an exchange offers, and what was traded there in 24 hours (quote currency), if it says so."""

    market_type: MarketType
    symbol: str
    volume: float | None = None


class Entry(BaseModel):
    """`symbols` by name or with `*`; `volume_above` leaves out what is traded less, or says nothing of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    exchange: Annotated[str, Field(min_length=1)]
    market_type: MarketType = "spot"
    symbols: Annotated[tuple[str, ...], Field(min_length=1)]
    timeframes: Annotated[tuple[str, ...], Field(min_length=1)]
    volume_above: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, written: object) -> object:
        if not isinstance(written, Mapping):
            return written
        return {name: [value] if name in {"symbols", "timeframes"} and isinstance(value, str) else value
                for name, value in written.items()}  # fmt: skip

    @field_validator("exchange", "market_type", mode="before")
    @classmethod
    def _lower(cls, written: object) -> object:
        return written.strip().lower() if isinstance(written, str) else written

    @field_validator("timeframes")
    @classmethod
    def _known(cls, written: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(stored_timeframe(one.strip()) for one in written)

    @model_validator(mode="after")
    def _symbols(self) -> "Entry":
        stored = tuple(_stored(one.strip(), self.market_type) for one in self.symbols)
        object.__setattr__(self, "symbols", stored)
        return self

    @property
    def asks_the_list(self) -> bool:
        """Whether it takes the exchange's list of markets to know what this means."""
        return self.volume_above is not None or any("*" in symbol for symbol in self.symbols)


@dataclass(frozen=True, slots=True)
class Chosen:
    """`unknown`: written by name, and not on the exchange's list; asking for it could only fail."""

    markets: tuple[Market, ...]
    unknown: tuple[str, ...] = ()


def read_watchlist(settings: Settings) -> tuple[Entry, ...]:
    """The entries of the setting and of the file. Raises ConfigurationError, which names the entry that is wrong."""
    entries = [_entry(one, f"STRANDLINE_WATCHLIST: {one!r}", settings) for one in settings.watchlist]
    if settings.watchlist_file is not None:
        named = f"STRANDLINE_WATCHLIST_FILE ({settings.watchlist_file})"
        entries += [
            _entry(one, f"{named}: entry {number}", settings)
            for number, one in enumerate(_read(settings.watchlist_file, named), 1)
        ]
    return tuple(entries)


def chosen(entries: Iterable[Entry], listed: Mapping[str, Sequence[Listed]]) -> Chosen:
    """The markets meant, each once. Where an exchange's list is not known yet, those written by name are taken."""
    markets: dict[str, Market] = {}
    unknown: dict[str, None] = {}
    for entry in entries:
        offered = listed.get(entry.exchange)
        for written in entry.symbols:
            found = _matching(entry, written, offered)
            if not found and offered is not None and "*" not in written and entry.volume_above is None:
                unknown[f"{entry.exchange}:{entry.market_type}:{written}"] = None
            for market in _markets(entry, found):
                markets[market.key] = market
    return Chosen(tuple(markets.values()), tuple(unknown))


def _stored(written: str, market_type: MarketType) -> str:
    plain = written.replace("/", "").upper()
    return plain if _WILD.fullmatch(plain) else stored_symbol(written, market_type)


def _matching(entry: Entry, written: str, offered: Sequence[Listed] | None) -> list[str]:
    if offered is None:
        return [] if entry.asks_the_list else [written]
    pattern = re.compile(".*".join(re.escape(part) for part in written.split("*")))
    least = entry.volume_above
    return [
        one.symbol
        for one in offered
        if one.market_type == entry.market_type
        and pattern.fullmatch(one.symbol)
        and (least is None or (one.volume is not None and one.volume > least))
    ]


def _markets(entry: Entry, symbols: Iterable[str]) -> list[Market]:
    return [
        Market.of(entry.exchange, symbol, entry.market_type, timeframe)
        for symbol in symbols
        for timeframe in entry.timeframes
    ]


def _entry(written: object, where: str, settings: Settings) -> Entry:
    try:
        entry = Entry.model_validate(_as_mapping(written, settings))
    except ValidationError as error:
        raise ConfigurationError(f"{where}: {told(error)}") from None
    except InvalidMarket as error:
        raise ConfigurationError(f"{where}: {error}") from None
    if entry.exchange not in settings.exchanges:
        allowed = ", ".join(settings.exchanges)
        raise ConfigurationError(
            f"{where}: exchange {entry.exchange!r} is none of {allowed} (STRANDLINE_EXCHANGES)"
        )
    return entry


def _as_mapping(written: object, settings: Settings) -> Mapping[str, Any]:
    if isinstance(written, str):
        if not (found := _KEY.fullmatch(written.strip())):
            raise InvalidMarket(f"write {_FORM}")
        return {
            "exchange": found["exchange"],
            "market_type": found["kind"],
            "symbols": [found["symbol"]],
            "timeframes": [found["timeframe"]],
            "volume_above": found["volume"],
        }
    if isinstance(written, Mapping):
        return {"exchange": settings.exchange, **written}
    raise InvalidMarket(f"write {_FORM}, or a mapping with symbols and timeframes")


def _read(file: Path, named: str) -> list[object]:
    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{named} can't be read: {error.strerror}") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        place = getattr(error, "problem_mark", None)
        line = f" (line {place.line + 1})" if place is not None else ""
        raise ConfigurationError(f"{named} is no YAML{line}") from None
    entries = content.get("markets") if isinstance(content, Mapping) else content
    if not isinstance(entries, list):
        raise ConfigurationError(f"{named} must be a list of entries, or a mapping with `markets:`")
    return entries
