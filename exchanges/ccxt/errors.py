"""ccxt's tree of errors, put into ours. The only place that knows it."""

import contextlib
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import ccxt

from runtime.errors import Permanent, StrandlineError, Transient

_LONGEST_WAIT = 3 * 86_400.0
"""Binance's longest ban; nobody asks for more in earnest."""


@contextlib.contextmanager
def translated(exchange: str) -> Iterator[None]:
    """Around every call of ccxt: whatever it raises leaves as Transient or Permanent."""
    try:
        yield
    except StrandlineError:
        raise
    except TimeoutError as error:
        raise Transient(f"{exchange} did not answer in time") from error
    except ccxt.BaseError as error:
        raise translate(exchange, error) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # ccxt reads answers without checking their shape. What it trips over is one we cannot use either.
        raise Transient(f"{exchange} sent an answer that cannot be read: {_short(error)}") from error


def translate(exchange: str, error: ccxt.BaseError) -> StrandlineError:
    """Transient for trouble of the network and the exchange, Permanent for a question that is wrong."""
    said = f"{exchange}: {_short(error)}"
    match error:
        case ccxt.BadSymbol():
            return Permanent("unknown_symbol", said)
        case ccxt.BadRequest() if "interval" in str(error).lower() or "timeframe" in str(error).lower():
            return Permanent("bad_timeframe", said)
        case ccxt.MarketClosed() | ccxt.ContractUnavailable():
            return Permanent("unknown_symbol", said)
        case ccxt.AuthenticationError() | ccxt.RestrictedLocation():
            return Permanent(
                "internal", f"{said} (is this address allowed there? STRANDLINE_EXCHANGE_URLS names a proxy)"
            )
        case ccxt.BadRequest() | ccxt.NotSupported() | ccxt.ArgumentsRequired() | ccxt.InvalidProxySettings():
            return Permanent("internal", said)
    # OperationFailed (network, maintenance, rate limits, bad answers), and the plain ExchangeError that exchanges'
    # "internal error, please try again" becomes.
    return Transient(said)


def refusal(exchange: str, status: int, headers: Mapping[str, str]) -> Transient | None:
    """What an HTTP answer asks for by status and Retry-After, which ccxt's own errors do not carry; else None."""
    if status not in {418, 429, 503}:
        return None
    by_name = {name.lower(): value for name, value in headers.items()}
    after = retry_after(by_name.get("retry-after"), by_name.get("date"))
    if after is None and status == 503:
        return None
    limit = {418: "bans this address", 429: "asks us to slow down"}.get(status, "is away")
    return Transient(f"{exchange} {limit} (HTTP {status})", retry_after=after)


def retry_after(value: str | None, date: str | None) -> float | None:
    """Seconds out of a Retry-After header: a number, or a point in time, which `date` (the Date header) tells apart."""
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            until, now = (
                parsedate_to_datetime(value),
                parsedate_to_datetime(date) if date else datetime.now(UTC),
            )
            seconds = (until - now).total_seconds()
        except (TypeError, ValueError):
            return None
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else None


def _short(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."
