"""Translates ccxt's errors into ours. The only module that knows ccxt's tree."""

import contextlib
import math
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import ccxt

from runtime.errors import Permanent, StrandlineError, Transient

_MAX_WAIT = 3 * 86_400.0
"""Binance's longest ban; a longer pause is not credible."""


@contextlib.contextmanager
def translate_errors(exchange: str) -> Iterator[None]:
    """Wrap a call of ccxt: every error leaves as Transient or Permanent."""
    try:
        yield
    except StrandlineError:
        raise
    except TimeoutError as error:
        raise Transient(f"{exchange} did not answer in time") from error
    except ccxt.BaseError as error:
        raise to_strandline_error(exchange, error) from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # ccxt reads answers without checking their shape: one it fails on is unusable.
        raise Transient(f"{exchange} sent an answer that cannot be read: {_shorten(error)}") from error


def to_strandline_error(exchange: str, error: ccxt.BaseError) -> StrandlineError:
    """Return Transient for errors of the network or the exchange, Permanent for an invalid request."""
    message = f"{exchange}: {_shorten(error)}"
    match error:
        case ccxt.BadSymbol():
            return Permanent("unknown_symbol", message)
        case ccxt.BadRequest() if "interval" in str(error).lower() or "timeframe" in str(error).lower():
            return Permanent("bad_timeframe", message)
        case ccxt.MarketClosed() | ccxt.ContractUnavailable():
            return Permanent("unknown_symbol", message)
        case ccxt.AuthenticationError() | ccxt.RestrictedLocation():
            return Permanent(
                "internal",
                f"{message} (is this address allowed there? STRANDLINE_EXCHANGE_URLS names a proxy)",
            )
        case ccxt.BadRequest() | ccxt.NotSupported() | ccxt.ArgumentsRequired() | ccxt.InvalidProxySettings():
            return Permanent("internal", message)
    # OperationFailed (network, maintenance, rate limits, bad answers), and the plain ExchangeError that exchanges'
    # "internal error, please try again" becomes.
    return Transient(message)


def http_refusal(exchange: str, status: int, headers: Mapping[str, str]) -> Transient | None:
    """Return the error for a status with Retry-After, which ccxt's own errors do not carry; else None."""
    if status not in {418, 429, 503}:
        return None
    by_name = {name.lower(): value for name, value in headers.items()}
    after = parse_retry_after(by_name.get("retry-after"), by_name.get("date"))
    if after is None and status == 503:
        return None
    limit = {418: "has banned this address", 429: "limits the request rate"}.get(status, "is unavailable")
    return Transient(f"{exchange} {limit} (HTTP {status})", retry_after=after)


def parse_retry_after(value: str | None, date: str | None) -> float | None:
    """Return the seconds in a Retry-After header: a number, or a time compared with `date` (the Date header)."""
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
    return min(max(seconds, 0.0), _MAX_WAIT) if math.isfinite(seconds) else None


def _shorten(error: Exception) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."
