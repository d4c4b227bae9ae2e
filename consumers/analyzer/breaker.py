"""A circuit breaker per exchange: one that is down gets single probes, not the calls of every market. Pure."""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
FIRST_PAUSE = 1.0
MAX_PAUSE = 30.0


@dataclass(slots=True)
class _BreakerState:
    """An exchange's failures in a row, across markets; once open, when the next probe may go."""

    failures: int = 0
    last_error: str = ""
    next_probe: float | None = None
    probing: bool = False

    @property
    def pause(self) -> float:
        doublings = min(max(self.failures - FAILURES_TO_OPEN, 0), 16)
        return min(FIRST_PAUSE * 2.0**doublings, MAX_PAUSE)


class Breakers:
    """Open after five failures in a row; a success closes. Times are seconds of one clock.

    While one is open a single call at a time may probe, after pauses that double from 1 s to 30 s.
    """

    def __init__(self) -> None:
        self._states: dict[str, _BreakerState] = {}

    def acquire(self, exchange: str, now: float) -> float:
        """Return the seconds to wait before a call; 0.0: call now, and if the breaker is open this is the probe."""
        state = self._states.get(exchange)
        if state is None or state.next_probe is None:
            return 0.0
        if now < state.next_probe:
            return state.next_probe - now
        state.probing, state.next_probe = True, now + state.pause
        return 0.0

    def last_error(self, exchange: str) -> str:
        """Return the text of the exchange's latest failure."""
        return self._states[exchange].last_error

    def record_failure(self, exchange: str, now: float, error: str) -> bool:
        """Count a failure; True if this one opened the breaker."""
        state = self._states.setdefault(exchange, _BreakerState())
        state.last_error = error
        was_open = state.next_probe is not None
        if was_open and not state.probing:
            return False  # a call from before it opened shows nothing of the exchange since
        state.failures += 1
        if state.failures < FAILURES_TO_OPEN:
            return False
        state.probing, state.next_probe = False, now + state.pause
        return not was_open

    def record_inconclusive(self, exchange: str) -> None:
        """Note a call that ended without an answer of the exchange's: if it was the probe, the probe is void."""
        if state := self._states.get(exchange):
            state.probing = False

    def record_success(self, exchange: str) -> bool:
        """Close the breaker; True if it was open."""
        state = self._states.pop(exchange, None)
        return state is not None and state.next_probe is not None
