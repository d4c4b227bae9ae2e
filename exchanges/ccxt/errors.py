"""Translates exchanges' refusals and ccxt's errors into ours. The only module that knows ccxt's tree.

The exchange's own words are read first (`error_words`): ccxt's classes are catch-alls.
"""

import contextlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

import ccxt

from exchanges.ccxt.error_words import Meaning, read_meaning, read_wait
from runtime.errors import Permanent, StrandlineError, Transient
from runtime.redaction import redact_urls
from runtime.retry_after import parse_retry_after, read_date
from schemas.events import FailureReason

_MAX_WAIT = 3 * 86_400.0
"""Binance's longest ban; a longer pause is not credible."""

_DEFAULT_WAIT = {Meaning.RATE_LIMIT: 5.0, Meaning.BAN: 60.0}
"""Seconds, where the exchange names none."""

_PROXY_ADVICE = (
    "this address is not served; route calls through a proxy elsewhere with STRANDLINE_EXCHANGE_URLS"
)

_RESET_HEADERS = (
    "x-ratelimit-reset",
    "ratelimit-reset",
    "x-ratelimit-requests-reset",
    "gw-ratelimit-reset",
    "x-bapi-limit-reset-timestamp",
    "x-gate-ratelimit-reset-timestamp",
)
"""When a rate limit ends: seconds, milliseconds, or a unix time, by size."""

_URL = re.compile(r"https?://\S+")
_HTTP_STATUS = "strandline_status"


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
    message = _connection_failure(exchange, error) or f"{exchange}: {_shorten(error)}"
    if (ours := _from_meaning(_meaning_of(error), message, str(error))) is not None:
        return ours
    match error:
        case ccxt.BadSymbol() | ccxt.MarketClosed() | ccxt.ContractUnavailable():
            return Permanent("unknown_symbol", message)
        case ccxt.AuthenticationError() | ccxt.RestrictedLocation():
            return Permanent("internal", f"{message} ({_PROXY_ADVICE})")
        case ccxt.BadRequest() | ccxt.NotSupported() | ccxt.ArgumentsRequired() | ccxt.InvalidProxySettings():
            return Permanent("internal", message)
        case ccxt.RateLimitExceeded():
            return Transient(message, retry_after=_DEFAULT_WAIT[Meaning.RATE_LIMIT])
    # OperationFailed (network, maintenance, bad answers), and a plain ExchangeError without known words.
    return Transient(message)


def refusal_kind(error: BaseException | None) -> Literal["start", "size", "other"] | None:
    """Return what a ccxt error says about the parameters of a page; None where it is about something else."""
    if not isinstance(error, ccxt.BaseError):
        return None
    match _meaning_of(error):
        case Meaning.HISTORY_START:
            return "start"
        case Meaning.PAGE_SIZE:
            return "size"
        case None:
            pass
        case _:
            return None
    about_parameters = ccxt.BadRequest | ccxt.ArgumentsRequired | ccxt.NotSupported | ccxt.InvalidOrder
    if isinstance(error, about_parameters) and not isinstance(error, ccxt.BadSymbol):
        return "other"
    explained = type(error) is not ccxt.ExchangeError or getattr(error, _HTTP_STATUS, 400) >= 500
    return None if explained else "other"


def is_location_refusal(error: BaseException) -> bool:
    """Return whether `error` is a refusal of this address's location."""
    return _PROXY_ADVICE in str(error)


def mark_status(error: ccxt.BaseError, status: int) -> None:
    """Record the HTTP status that led to `error`, which ccxt does not keep."""
    setattr(error, _HTTP_STATUS, status)


def http_refusal(
    exchange: str, status: int, headers: Mapping[str, str], body: str = ""
) -> StrandlineError | None:
    """Return the error for an answer that refuses service, whatever was requested; else None.

    That is a geo block, a ban, a rate limit or maintenance, by status or by the words of a body that holds no data.
    """
    if status < 400 and ("[" in body or len(body) > 2_000):
        return None
    by_name = {name.lower(): value for name, value in headers.items()}
    text = " ".join(body.split())
    meaning = _status_meaning(status, read_meaning(text))
    message = f"{exchange} {_describe(meaning, status)}: {text[:200]}".rstrip(": ")
    if meaning is Meaning.GEO_BLOCK:
        return Permanent("internal", f"{message} ({_PROXY_ADVICE})")
    wait = _read_wait(by_name, text)
    if meaning in {Meaning.BAN, Meaning.RATE_LIMIT}:
        return Transient(message, retry_after=_DEFAULT_WAIT[meaning] if wait is None else wait)
    if meaning is Meaning.MAINTENANCE or (status == 503 and wait is not None):
        return Transient(message, retry_after=wait)
    return None


def _status_meaning(status: int, meaning: Meaning | None) -> Meaning | None:
    if status == 451:
        return Meaning.GEO_BLOCK
    if meaning is Meaning.GEO_BLOCK:
        return meaning
    if status == 418:
        return Meaning.BAN
    return Meaning.RATE_LIMIT if status == 429 and meaning is not Meaning.BAN else meaning


def _describe(meaning: Meaning | None, status: int) -> str:
    words: dict[Meaning | None, str] = {
        Meaning.GEO_BLOCK: "does not serve this location",
        Meaning.BAN: "has banned this address",
        Meaning.RATE_LIMIT: "limits the request rate",
        Meaning.MAINTENANCE: "is in maintenance",
    }
    return f"{words.get(meaning, 'is unavailable')} (HTTP {status})"


_PERMANENT: Mapping[Meaning, FailureReason] = {
    Meaning.GEO_BLOCK: "internal",
    Meaning.UNKNOWN_SYMBOL: "unknown_symbol",
    Meaning.BAD_TIMEFRAME: "bad_timeframe",
    Meaning.HISTORY_START: "internal",
    Meaning.PAGE_SIZE: "internal",
}


def _from_meaning(meaning: Meaning | None, message: str, text: str) -> StrandlineError | None:
    if meaning is None:
        return None
    if meaning in _PERMANENT:
        advice = f" ({_PROXY_ADVICE})" if meaning is Meaning.GEO_BLOCK else ""
        return Permanent(_PERMANENT[meaning], message + advice)
    wait = _DEFAULT_WAIT.get(meaning)
    if wait is not None and (named := read_wait(text, datetime.now(UTC).timestamp())) is not None:
        wait = min(named, _MAX_WAIT)
    return Transient(message, retry_after=wait)


def _connection_failure(exchange: str, error: ccxt.BaseError) -> str | None:
    """Return why no connection was made, which ccxt leaves to the cause: its own text is the call alone."""
    cause = error.__cause__
    if not isinstance(error, ccxt.ExchangeNotAvailable) or not isinstance(cause, OSError):
        return None
    return f"{exchange} cannot be reached: {_shorten(cause)} ({_shorten(error)})"


def _meaning_of(error: ccxt.BaseError) -> Meaning | None:
    if isinstance(error, ccxt.RequestTimeout):
        return None
    text = _URL.sub("", str(error))
    return None if "<html" in text.lower() and "countr" not in text.lower() else read_meaning(text)


def _read_wait(headers: Mapping[str, str], text: str) -> float | None:
    """Return the seconds to wait, from the headers (lower-case names), else from the text."""
    now = read_date(headers.get("date")).timestamp()
    wait = parse_retry_after(headers.get("retry-after"), headers.get("date"), maximum=_MAX_WAIT)
    if wait is None:
        wait = next(
            (seconds for name in _RESET_HEADERS if (seconds := _parse_reset(headers.get(name), now))), None
        )
    if wait is None:
        wait = read_wait(text, now)
    return None if wait is None else min(wait, _MAX_WAIT)


def _parse_reset(value: str | None, now: float) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    if number > 1e9:
        return max(0.0, (number / 1_000 if number > 1e11 else number) - now)
    return number / 1_000 if number > 3_600 else number


def _shorten(error: Exception) -> str:
    text = redact_urls(" ".join(str(error).split())) or type(error).__name__
    return text if len(text) <= 300 else text[:297] + "..."
