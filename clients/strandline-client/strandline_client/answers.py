"""Reads a response: its answer, or the error that it means; and decides about retries. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

from strandline_client.calls import Call
from strandline_client.errors import NotFound, Refused, Unavailable
from strandline_client.http import Response

T = TypeVar("T")

_BUSY = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.5
_MAX_PAUSE = 30.0


def read_answer(call: Call[T], response: Response) -> T:
    """Return the answer of `call`. Raises Refused, NotFound, and Unavailable for a server that is busy."""
    if response.is_success and call.is_file:
        return call.read(response.content)
    if response.is_success:
        return call.read(response.json() if response.content else None)
    raise read_error(response)


def read_error(response: Response) -> Refused | Unavailable:
    """Return the error that a response means, with the server's own explanation where it has one."""
    detail = _read_detail(response)
    if response.status in _BUSY:
        return Unavailable(detail, _read_retry_after(response.headers))
    if response.status == 404:
        return NotFound(404, detail)
    return Refused(response.status, detail)


def pause_before(attempt: int, error: Unavailable) -> float:
    """Return the seconds to wait before attempt `attempt` (from 2): what the server demands, or twice the last."""
    doubled: float = _FIRST_PAUSE * 2 ** (attempt - 2)
    return min(max(doubled, error.retry_after or 0.0), _MAX_PAUSE)


def _read_detail(response: Response) -> str:
    try:
        document = response.json()
    except ValueError:
        document = None
    detail = document.get("detail") if isinstance(document, Mapping) else None
    return str(detail or response.reason)


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    value = headers.get("retry-after", "").strip()
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None
