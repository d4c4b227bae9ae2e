"""The levels of the instruments whose prices this tracker gets, as of their states in the table."""

from collections.abc import Collection, Iterable

from sqlalchemy.ext.asyncio import AsyncEngine

from consumers.tracker.live import LiveInstrument, LiveMarket
from consumers.tracker.open_events import load_open_events, to_open_event
from consumers.tracker.state_repository import load_states
from runtime.clock import Clock
from schemas.market import TIMEFRAMES, parse_market_key
from schemas.records import OpenLevelEventRecord

MAX_AGE = 15.0
"""Seconds after which an instrument is loaded again: another tracker may have processed a close of it."""


class LiveLevels:
    """Caches instruments; `forget` drops what a close has changed."""

    def __init__(self, engine: AsyncEngine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock
        self._instruments: dict[str, LiveInstrument] = {}
        self._loaded_at: dict[str, float] = {}

    def get(self, instrument: str) -> LiveInstrument:
        """Return an instrument that `load` has loaded."""
        return self._instruments[instrument]

    def forget_closed(self, instruments: Iterable[str]) -> None:
        """Load these instruments again at their next price; what prices have shown so far is kept."""
        for instrument in instruments:
            self._loaded_at.pop(instrument, None)

    def clear(self) -> None:
        """Forget everything: other trackers may have had these instruments."""
        self._instruments.clear()
        self._loaded_at.clear()

    async def load(self, instruments: Collection[str]) -> list[OpenLevelEventRecord]:
        """Load what is not loaded or too old. Returns the open events of instruments that were not known before.

        Raises Transient.
        """
        now = self._clock.monotonic()
        due = {name for name in instruments if now - self._loaded_at.get(name, -MAX_AGE) >= MAX_AGE}
        if not due:
            return []
        keys = {f"{name}:{timeframe}" for name in due for timeframe in TIMEFRAMES}
        states = await load_states(self._engine, keys)
        open_events = await load_open_events(self._engine, states)
        found: list[OpenLevelEventRecord] = []
        for name in due:
            if name not in self._instruments:
                found += (row for key in _keys_of(name, states) for row in open_events.get(key, ()))
            instrument = self._instruments.setdefault(name, LiveInstrument())
            instrument.put(
                {
                    key: LiveMarket(
                        parse_market_key(key),
                        states[key],
                        map(to_open_event, open_events.get(key, ())),
                        instrument.markets.get(key),
                    )
                    for key in _keys_of(name, states)
                }
            )
            self._loaded_at[name] = now
        return found


def _keys_of(instrument: str, states: Collection[str]) -> list[str]:
    return [key for timeframe in TIMEFRAMES if (key := f"{instrument}:{timeframe}") in states]
