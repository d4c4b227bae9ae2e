"""Recorded markets: the candles of files, and longer candles built from them."""

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np

from exchanges.bars import Bars, clean_bars
from runtime.errors import ConfigurationError
from schemas.market import TIMEFRAMES, candle_end
from simulator.history.aggregate import aggregate_bars, partial_bar
from simulator.history.tape import Window
from simulator.listings import Listing, SimulatedMarket

_FILE = re.compile(r"(?P<exchange>[a-z0-9]+)_(?P<symbol>[^\W_]+)_(?P<timeframe>\d+[mhdwM])\.csv")
_QUOTES = ("USDT", "USDC", "FDUSD", "BUSD", "TUSD", "USD", "EUR", "BTC", "ETH", "BNB")

Recordings = dict[tuple[str, str], Bars]
"""(symbol, timeframe) -> candles."""


def read_directory(directory: Path, exchange: str) -> Recordings:
    """Read the files `<exchange>_<SYMBOL>_<timeframe>.csv`. Raises ConfigurationError for none or a bad one."""
    recorded: Recordings = {}
    for path in sorted(directory.glob(f"{exchange}_*.csv")):
        match = _FILE.fullmatch(path.name)
        if match and match["exchange"] == exchange and match["timeframe"] in TIMEFRAMES:
            recorded[match["symbol"].upper(), match["timeframe"]] = _read(path)
    if not recorded:
        raise ConfigurationError(
            f"--replay {directory}: no file {exchange}_<SYMBOL>_<timeframe>.csv there; "
            "give the directory of the recordings, and their exchange with --exchange"
        )
    return recorded


def _read(path: Path) -> Bars:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [
                [int(row[0]), *map(float, row[1:6])] for row in csv.reader(file) if row and row[0].isdigit()
            ]
    except (OSError, ValueError, IndexError) as error:
        raise ConfigurationError(
            f"{path.name} is not timestamp_ms,open,high,low,close,volume: {error}"
        ) from error
    return clean_bars(Bars.from_rows(rows))


class ReplayTape:
    """The recorded symbols, each as a spot market and as a perpetual: the files do not record the type."""

    kind = "replay"

    def __init__(self, recorded: Recordings, exchange: str) -> None:
        self.origin = f"recorded on {exchange}"
        self._recorded = recorded
        symbols = sorted({symbol for symbol, _ in recorded})
        self._listings = tuple(_describe_listing(symbol, self._all_bars(symbol)) for symbol in symbols)

    def listings(self) -> Sequence[Listing]:
        return self._listings

    def timeframes(self, listing: Listing) -> Sequence[str]:
        """Return the recorded timeframes and their multiples."""
        return [t for t in sorted(TIMEFRAMES, key=TIMEFRAMES.__getitem__) if self._source(listing.symbol, t)]

    def bars(self, traded: SimulatedMarket, timeframe: str, window: Window, now: int) -> Bars:
        symbol = traded.listing.symbol
        source = self._source(symbol, timeframe)
        if source is None:
            return Bars.empty()
        known = _visible_bars(self._recorded[symbol, source], source, now, traded.listing.decimals)
        candles = known if source == timeframe else _resample(known, timeframe)
        return _select_window(candles, window)

    def end(self) -> int:
        """Return when (ms) the newest recorded candle closed."""
        return max(candle_end(int(bars.time[-1]), t) for (_, t), bars in self._recorded.items() if len(bars))

    def _source(self, symbol: str, timeframe: str) -> str | None:
        """Return the recorded timeframe to build `timeframe` from: itself, else the longest that divides it."""
        if (symbol, timeframe) in self._recorded:
            return timeframe
        length = TIMEFRAMES[timeframe]
        finer = [t for s, t in self._recorded if s == symbol and t not in {"1w", "1M"}]
        dividing = [t for t in finer if TIMEFRAMES[t] < length and length % TIMEFRAMES[t] == 0]
        return max(dividing, key=TIMEFRAMES.__getitem__, default=None)

    def _all_bars(self, symbol: str) -> Iterable[Bars]:
        return (bars for (s, _), bars in self._recorded.items() if s == symbol)


def _visible_bars(bars: Bars, timeframe: str, now: int, decimals: int) -> Bars:
    """Return what is visible of `bars` at `now`."""
    shown = bars[: int(np.searchsorted(bars.time, now, side="right"))]
    if not len(shown):
        return shown
    opened = int(shown.time[-1])
    closes = candle_end(opened, timeframe)
    if closes <= now:
        return shown
    return Bars.concat((shown[:-1], partial_bar(shown[-1:], (now - opened) / (closes - opened), decimals)))


def _resample(fine: Bars, timeframe: str) -> Bars:
    """Return longer candles, without the first where the recording begins inside it."""
    candles = aggregate_bars(fine, timeframe)
    return candles[1:] if len(fine) and fine.time[0] != candles.time[0] else candles


def _select_window(bars: Bars, window: Window) -> Bars:
    stop = int(np.searchsorted(bars.time, window.end, side="right"))
    if window.start is None:
        return bars[max(0, stop - window.limit) : stop]
    start = int(np.searchsorted(bars.time, window.start, side="left"))
    return bars[start : min(stop, start + window.limit)]


def _describe_listing(symbol: str, recorded: Iterable[Bars]) -> Listing:
    quote = next((q for q in _QUOTES if symbol.endswith(q) and symbol != q), "USDT")
    newest = max((bars for bars in recorded if len(bars)), key=lambda bars: int(bars.time[-1]))
    prices = newest.close[-500:].tolist()
    return Listing(symbol.removesuffix(quote), prices[-1], max(map(_decimals, prices)), quote)


def _decimals(price: float) -> int:
    return max(0, -int(Decimal(repr(price)).normalize().as_tuple().exponent))
