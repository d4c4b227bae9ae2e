"""One breaker per exchange: an exchange that is down is asked now and then by one, not hammered by all. Pure."""

from dataclasses import dataclass

FAILURES_TO_OPEN = 5
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0


@dataclass(slots=True)
class _Trouble:
    """An exchange's failures in a row, across markets; once open, when it may be probed next."""

    failures: int = 0
    last_word: str = ""
    next_probe: float | None = None
    probing: bool = False

    @property
    def pause(self) -> float:
        doublings = min(max(self.failures - FAILURES_TO_OPEN, 0), 16)
        return min(FIRST_PAUSE * 2.0**doublings, LONGEST_PAUSE)


class Breakers:
    """Opens after so many failures in a row; a success closes it. Times are seconds of one clock.

    While one is open, one call at a time may probe, each pause twice as long as the last.
    """

    def __init__(self) -> None:
        self._troubled: dict[str, _Trouble] = {}

    def wait(self, exchange: str, now: float) -> float:
        """Seconds until one may ask again; 0.0: ask now (and if it is open, the others wait for what comes of it)."""
        trouble = self._troubled.get(exchange)
        if trouble is None or trouble.next_probe is None:
            return 0.0
        if now < trouble.next_probe:
            return trouble.next_probe - now
        trouble.probing, trouble.next_probe = True, now + trouble.pause
        return 0.0

    def last_word(self, exchange: str) -> str:
        """What the exchange said when it last failed."""
        return self._troubled[exchange].last_word

    def failed(self, exchange: str, now: float, word: str) -> bool:
        """Count a failure; True if this one opened the breaker."""
        trouble = self._troubled.setdefault(exchange, _Trouble())
        trouble.last_word = word
        opened = trouble.next_probe is not None
        if opened and not trouble.probing:
            return False  # a call from before it opened: says nothing of how the exchange is since
        trouble.failures += 1
        if trouble.failures < FAILURES_TO_OPEN:
            return False
        trouble.probing, trouble.next_probe = False, now + trouble.pause
        return not opened

    def unheard(self, exchange: str) -> None:
        """A call ended without a word of the exchange's: if it was the probe, nothing came of it."""
        if trouble := self._troubled.get(exchange):
            trouble.probing = False

    def succeeded(self, exchange: str) -> bool:
        """The exchange answers; True if this closed its breaker."""
        trouble = self._troubled.pop(exchange, None)
        return trouble is not None and trouble.next_probe is not None
