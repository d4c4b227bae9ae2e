"""The simulated exchange without its web server: the answer to a call at a point in time."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from exchanges.bars import Bars
from runtime.errors import Permanent
from simulator.calls import symbols_of
from simulator.clock import ExchangeTime
from simulator.faults import FaultKind, spoil_bars
from simulator.history.pushes import Push, add_push, apply_pushes, price_now
from simulator.history.tape import Tape, Window
from simulator.history.timeline import DAY, MINUTE
from simulator.history.trades import MarketTrade, list_trades, merge_pushes
from simulator.http.exchange_info import empty_info, futures_info, spot_info
from simulator.http.kline_query import interval, rows, window
from simulator.http.order_book import order_book
from simulator.http.refusals import Refusal, invalid_symbol, missing_parameter
from simulator.http.subscriptions import Channel
from simulator.http.tickers import day_ticker, price_ticker, ticker_event
from simulator.listings import Listing, SimulatedMarket
from simulator.weights import FUTURES_LIMIT, SPOT_LIMIT

System = Literal["spot", "futures", "coin"]

_TICKER_TIMEFRAMES = ("1h", "30m", "15m", "5m", "4h")
"""Timeframes for the day's figures: the first one that the tape has, else its finest."""


class SimulatedExchange:
    """A tape, a clock, and the prices pushed by hand."""

    def __init__(self, tape: Tape, time: ExchangeTime, weight_limit: int | None = None) -> None:
        self.tape = tape
        self.time = time
        self.limits: dict[System, int] = {
            "spot": weight_limit or SPOT_LIMIT,
            "futures": weight_limit or FUTURES_LIMIT,
            "coin": weight_limit or FUTURES_LIMIT,
        }
        self._listings = {listing.symbol: listing for listing in tape.listings()}
        self._pushes: dict[str, list[Push]] = {}
        self._day_cache: dict[SimulatedMarket, tuple[int, Bars]] = {}
        # The cache holds no state: trades can be listed again from the tape.
        self._tape_trades = lru_cache(maxsize=4 * len(self._listings))(self._list_tape_trades)
        self._endpoints: Mapping[str, Callable[[System, Mapping[str, str], Sequence[FaultKind]], object]] = {
            "ping": lambda *_: {},
            "time": lambda *_: {"serverTime": self.time.now()},
            "exchangeInfo": self._info,
            "klines": self._klines,
            "ticker/price": self._prices,
            "ticker/24hr": self._day_tickers,
            "depth": self._depth,
        }

    def answer(
        self, system: System, endpoint: str, query: Mapping[str, str], candle_faults: Sequence[FaultKind] = ()
    ) -> object:
        """Return the answer as JSON data; `candle_faults` are applied to candles. Raises Refusal."""
        known = endpoint == "exchangeInfo" if system == "coin" else endpoint in self._endpoints
        if not known:
            raise Refusal(404, -5000, f"Path {endpoint}, Method GET is invalid")
        return self._endpoints[endpoint](system, query, candle_faults)

    def push(self, symbol: str, price: float) -> None:
        """Trade `price` now, as a spot market and as a future. Raises Permanent("unknown_symbol")."""
        if symbol not in self._listings:
            raise Permanent("unknown_symbol", f"{symbol} is not listed here")
        # Old pushes stay: a closed candle does not change.
        self._pushes[symbol] = add_push(self._pushes.get(symbol, ()), self.time.now(), price)[-1_000:]

    def is_pushed(self, symbol: str) -> bool:
        """Return whether a pushed price is traded now."""
        return price_now(self._pushes.get(symbol, ()), self.time.now()) is not None

    def price_of(self, system: System, symbol: str) -> float:
        """Return the present price. Raises Refusal."""
        return self._price(_market_of(self._find_listing(symbol), system), self.time.now())

    def stream_event(self, system: System, symbol: str, channel: Channel) -> dict[str, object]:
        """Return a ticker in the format of the websocket streams. Raises Refusal."""
        now, traded = self.time.now(), _market_of(self._find_listing(symbol), system)
        return ticker_event(self._day_so_far(traded, now), channel, now)

    def minute(self, system: System, symbol: str, opened: int) -> Bars:
        """Return the 1m candle that opened then, as it stands now; empty where there is none."""
        listing = self._listings.get(symbol)
        if listing is None or not listing.trading:
            return Bars.empty()
        now = self.time.now()
        return self._bars(_market_of(listing, system), "1m", Window(opened, 1, opened), now)

    def trades(self, system: System, symbol: str, after: int, until: int) -> list[MarketTrade]:
        """Return the trades of that time (ms), `after` not included; none of a market that is not traded."""
        listing = self._listings.get(symbol)
        if listing is None or not listing.trading:
            return []
        traded = _market_of(listing, system)
        minutes = range(after - after % MINUTE, until + 1, MINUTE)
        merged = merge_pushes(
            [trade for opened in minutes for trade in self._tape_trades(traded, opened)],
            self._pushes.get(symbol, ()),
        )
        return [trade for trade in merged if after < trade.time <= until]

    def _list_tape_trades(self, traded: SimulatedMarket, opened: int) -> list[MarketTrade]:
        minute = self.tape.bars(traded, "1m", Window(opened, 1, opened), opened + MINUTE)
        # Markets take turns, so that thousands of them do not trade at the same instant.
        delay = 1 + sum(traded.listing.symbol.encode()) * 37 % 900
        return list_trades(minute, delay, traded.listing.decimals)

    def _day_so_far(self, traded: SimulatedMarket, now: int) -> dict[str, object]:
        """Return the day's figures; all but the price are cached for a minute."""
        minute = now // MINUTE
        if self._day_cache.get(traded, (None,))[0] != minute:
            self._day_cache[traded] = minute, self._day_bars(traded, now)
        return day_ticker(traded, self._day_cache[traded][1], self._price(traded, now), now)

    def _find_listing(self, symbol: str) -> Listing:
        if not symbol:
            raise missing_parameter("symbol")
        if symbol not in self._listings:
            raise invalid_symbol()
        return self._listings[symbol]

    def _info(self, system: System, query: Mapping[str, str], _: Sequence[FaultKind]) -> object:
        now = self.time.now()
        if system == "coin":
            return empty_info(now)
        named = symbols_of(query)
        listings = (
            [self._find_listing(symbol) for symbol in named] if named else list(self._listings.values())
        )
        return (spot_info if system == "spot" else futures_info)(listings, now, self.limits[system])

    def _klines(self, system: System, query: Mapping[str, str], candle_faults: Sequence[FaultKind]) -> object:
        now, timeframe = self.time.now(), interval(query)
        traded = _market_of(self._find_listing(query.get("symbol", "")), system)
        bars = self._bars(traded, timeframe, window(query, system == "futures", now), now)
        for kind in candle_faults:
            bars = spoil_bars(bars, kind)
        return rows(bars, timeframe)

    def _prices(self, system: System, query: Mapping[str, str], _: Sequence[FaultKind]) -> object:
        now = self.time.now()
        return self._each(
            query,
            lambda of: price_ticker(
                of.symbol, self._price(_market_of(of, system), now), now, system == "futures"
            ),
        )

    def _day_tickers(self, system: System, query: Mapping[str, str], _: Sequence[FaultKind]) -> object:
        now = self.time.now()
        return self._each(query, lambda listing: self._day_ticker(_market_of(listing, system), now))

    def _depth(self, system: System, query: Mapping[str, str], _: Sequence[FaultKind]) -> object:
        return order_book(self.price_of(system, query.get("symbol", "")), self.time.now())

    def _each(self, query: Mapping[str, str], ticker: Callable[[Listing], object]) -> object:
        """Return one ticker for `symbol`, a list for `symbols` and for neither."""
        if "symbol" in query:
            return ticker(self._find_listing(query["symbol"]))
        named = symbols_of(query)
        asked = [self._find_listing(symbol) for symbol in named] if named else list(self._listings.values())
        return [ticker(listing) for listing in asked if listing.trading]

    def _day_ticker(self, traded: SimulatedMarket, now: int) -> object:
        return day_ticker(traded, self._day_bars(traded, now), self._price(traded, now), now)

    def _day_bars(self, traded: SimulatedMarket, now: int) -> Bars:
        return self._bars(traded, self._ticker_timeframe(traded.listing), Window(now, 2_000, now - DAY), now)

    def _price(self, traded: SimulatedMarket, now: int) -> float:
        held = price_now(self._pushes.get(traded.listing.symbol, ()), now)
        if held is not None:
            return held
        last = self.tape.bars(traded, self._ticker_timeframe(traded.listing), Window(now, 1), now)
        return float(last.close[-1]) if len(last) else traded.listing.price

    def _ticker_timeframe(self, listing: Listing) -> str:
        offered = self.tape.timeframes(listing)
        return next((t for t in _TICKER_TIMEFRAMES if t in offered), offered[0])

    def _bars(self, traded: SimulatedMarket, timeframe: str, asked: Window, now: int) -> Bars:
        bars = self.tape.bars(traded, timeframe, asked, now)
        return apply_pushes(bars, timeframe, asked, self._pushes.get(traded.listing.symbol, ()), now)


def _market_of(listing: Listing, system: System) -> SimulatedMarket:
    return SimulatedMarket(listing, "future" if system == "futures" else "spot")
