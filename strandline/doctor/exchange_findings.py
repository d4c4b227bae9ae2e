"""Findings about an exchange: what an error means, and which clock is off. Pure."""

from difflib import get_close_matches

from exchanges.ccxt.errors import is_location_refusal
from exchanges.ccxt.factory import known_exchanges
from runtime.errors import Permanent, StrandlineError
from strandline.doctor.report import Finding, State

SMALL_SKEW = 2.0
LARGE_SKEW = 10.0
"""Seconds between our clock and an exchange's: beyond the first a request may arrive before its candle has closed;
beyond the second expiry and freshness are wrong as well."""

_AGREE = 30.0
"""Seconds within which two clocks are taken to agree on the hour."""


def check_exchange_error(exchange: str, error: StrandlineError) -> Finding:
    """Explain why an exchange cannot be used: a geo block, an unknown name, or an outage."""
    if is_location_refusal(error):
        setting = f'STRANDLINE_EXCHANGE_URLS={{"{exchange}": "https://proxy.example"}}'
        advice = f"route its calls through a proxy in an allowed country: {setting}"
        return Finding(exchange, "bad", f"geo block: {error}", advice)
    if isinstance(error, Permanent) and error.reason == "unknown_exchange":
        close = get_close_matches(exchange, known_exchanges(), 3)
        hint = f"; similar names are {', '.join(close)}" if close else ""
        return Finding(exchange, "bad", f"{error}{hint}", "correct STRANDLINE_EXCHANGES")
    if isinstance(error, Permanent):
        return Finding(
            exchange, "bad", str(error), "correct STRANDLINE_EXCHANGES or STRANDLINE_EXCHANGE_URLS"
        )
    return Finding(exchange, "bad", str(error), "check the network, and whether the exchange is up")


def check_exchange_clock(exchange: str, theirs: int | None, header: int | None, local: int) -> Finding:
    """Name the clock that is off: this machine's, or the exchange's where its Date header agrees with ours. In ms."""
    reference, name = (theirs, exchange) if theirs is not None else (header, f"{exchange}'s Date header")
    if reference is None:
        return Finding("clock", "warning", f"{exchange} gives no time to compare this machine's clock with")
    skew = (local - reference) / 1_000
    message = f"{abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} {name}'s".replace(
        "header's", "header"
    )
    if abs(skew) <= SMALL_SKEW:
        return Finding("clock", "good", message)
    if (
        theirs is not None
        and header is not None
        and abs(local - header) <= 1_000 * _AGREE < abs(theirs - header)
    ):
        direction = "behind" if skew > 0 else "ahead"
        message = f"{exchange}'s clock is {abs(skew):.0f} s {direction}; its Date header agrees with ours"
        return Finding(
            "clock", "warning", message, f"nothing: the time of {exchange} is not used while it is off"
        )
    state: State = "bad" if abs(skew) > LARGE_SKEW else "warning"
    return Finding(
        "clock", state, message, "synchronise the clock of this machine by NTP (chrony, systemd-timesyncd)"
    )
