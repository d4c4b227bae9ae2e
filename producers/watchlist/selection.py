"""Select the markets that the watchlist means among those listed. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from producers.watchlist.entries import WatchlistEntry
from schemas.market import Market, MarketType


@dataclass(frozen=True, slots=True)
class ListedMarket:
    """A market that an exchange offers, with its 24-hour volume in the quote currency where the exchange has one."""

    market_type: MarketType
    symbol: str
    volume: float | None = None


@dataclass(frozen=True, slots=True)
class WatchlistChange:
    """What an operator changed while it runs: the entry is to be followed, or is not."""

    entry: WatchlistEntry
    is_followed: bool


@dataclass(frozen=True, slots=True)
class WatchlistSelection:
    """The markets, those of a higher priority first, with the priority by market key.

    `unknown` are markets written by name that the exchange does not list: a request for one could only fail. A market
    without priority has 0.
    """

    markets: tuple[Market, ...]
    unknown: tuple[str, ...] = ()
    priorities: Mapping[str, int] = field(default_factory=dict)


Listed = Mapping[str, Sequence[ListedMarket]]
"""Exchange -> what it offers, where that is known."""

Offers = Mapping[str, Mapping[tuple[MarketType, str], float | None]]
"""The same, to look a market up: exchange -> market type and symbol -> volume."""


def index_markets(listed: Listed) -> Offers:
    """Return what is listed in a form in which a market can be looked up."""
    return {
        exchange: {(one.market_type, one.symbol): one.volume for one in markets}
        for exchange, markets in listed.items()
    }


def select_markets(
    entries: Iterable[WatchlistEntry], offers: Offers, changes: Sequence[WatchlistChange] = ()
) -> WatchlistSelection:
    """Return each market once. Until an exchange's list is known, only markets written by name are selected.

    A change counts more than an entry, a market by name more than a pattern, and the highest priority of several.
    """
    patterns = [change for change in changes if change.entry.needs_market_list]
    names = [change for change in changes if not change.entry.needs_market_list]
    added = [*entries, *_entries_of(patterns, followed=True)]
    selected = _collect(added, offers)
    selected = _leave_out(selected, _entries_of(patterns, followed=False), offers)
    selected |= _collect(_entries_of(names, followed=True), offers)
    selected = _leave_out(selected, _entries_of(names, followed=False), offers)
    ordered = sorted(selected.values(), key=lambda each: -each[1])
    unknown = [
        name
        for entry in (*added, *_entries_of(names, followed=True))
        for name in find_unlisted(entry, offers)
    ]
    return WatchlistSelection(
        tuple(market for market, _ in ordered),
        tuple(dict.fromkeys(unknown)),
        {market.key: priority for market, priority in ordered if priority},
    )


def _entries_of(changes: Iterable[WatchlistChange], *, followed: bool) -> list[WatchlistEntry]:
    return [change.entry for change in changes if change.is_followed == followed]


_Selected = dict[str, tuple[Market, int]]
"""Market key -> the market and its priority."""


def _collect(entries: Iterable[WatchlistEntry], offers: Offers) -> _Selected:
    selected: _Selected = {}
    for entry in entries:
        for market in match_markets(entry, offers):
            _, known = selected.get(market.key, (market, entry.priority))
            selected[market.key] = (market, max(known, entry.priority))
    return selected


def _leave_out(selected: _Selected, entries: Iterable[WatchlistEntry], offers: Offers) -> _Selected:
    unwanted = {market.key for entry in entries for market in match_markets(entry, offers)}
    return {key: each for key, each in selected.items() if key not in unwanted}


def match_markets(entry: WatchlistEntry, offers: Offers) -> list[Market]:
    """Return the markets that an entry means by itself."""
    offered = offers.get(entry.exchange)
    return [
        Market.of(entry.exchange, name, entry.market_type, timeframe)
        for symbol in entry.symbols
        for name in _match_symbols(entry, symbol, offered)
        for timeframe in entry.timeframes
    ]


def find_unlisted(entry: WatchlistEntry, offers: Offers) -> list[str]:
    """Return the symbols written by name that the exchange does not list, once its list is known."""
    offered = offers.get(entry.exchange)
    if offered is None or entry.volume_above is not None:
        return []
    return [
        f"{entry.exchange}:{entry.market_type}:{symbol}"
        for symbol in entry.symbols
        if "*" not in symbol and not _match_symbols(entry, symbol, offered)
    ]


def matches_symbol(pattern: str, symbol: str) -> bool:
    """Return whether a symbol is that of a pattern, in which `*` stands for any characters.

    Not by a regular expression: one of many stars takes for ever.
    """
    first, *rest = pattern.split("*")
    if not rest:
        return symbol == pattern
    *middle, last = rest
    if not symbol.startswith(first) or not symbol.endswith(last):
        return False
    end, at = len(symbol) - len(last), len(first)
    for part in middle:
        if (found := symbol.find(part, at, end)) < 0:
            return False
        at = found + len(part)
    return at <= end


def _match_symbols(
    entry: WatchlistEntry, symbol: str, offered: Mapping[tuple[MarketType, str], float | None] | None
) -> list[str]:
    if offered is None:
        return [] if entry.needs_market_list else [symbol]
    if "*" in symbol:
        names = [name for kind, name in offered if kind == entry.market_type and matches_symbol(symbol, name)]
    else:
        names = [symbol] if (entry.market_type, symbol) in offered else []
    minimum = entry.volume_above
    if minimum is None:
        return names
    return [name for name in names if (offered[entry.market_type, name] or -1.0) > minimum]
