"""HTTP as both clients send it through httpcore: requests, responses and the way out. Pure, but for the environment."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore

from strandline_client.calls import Call

TRANSPORT_ERRORS = (
    httpcore.NetworkError,
    httpcore.TimeoutException,
    httpcore.RemoteProtocolError,
    httpcore.ProxyError,
)
"""The server was not reached, or the connection was cut."""

POOL: Mapping[str, Any] = {"max_connections": 100, "keepalive_expiry": 5.0}
"""Connections at once, and seconds after which an unused one is closed: before servers do."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as httpcore takes it: `pool.request(*request.line, **request.options)`."""

    line: tuple[str, str]
    options: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Response:
    """A response that was read. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    reason: str

    @property
    def is_success(self) -> bool:
        """Whether the server did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """Parse the body. Raises ValueError for one that is no JSON."""
        return json.loads(self.content)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the server is, and the key it is shown."""

    url: str
    api_key: str | None

    def build_request(self, call: Call[Any], timeout: float) -> Request:
        """Return the request of a call; `timeout` in seconds bounds each of its steps."""
        headers = self._headers(
            ("Accept", "*/*" if call.is_file else "application/json"), ("Accept-Encoding", "gzip")
        )
        content = None
        if call.body is not None:
            content = json.dumps(call.body).encode()
            headers.append(("Content-Type", "application/json"))
        url = self._build_url(call.path, call.params)
        options = {"headers": headers, "content": content, "extensions": _timeouts(timeout, timeout)}
        return Request((call.method, url), options)

    def build_stream_request(
        self, market: str | None, types: str, last_id: str, timeout: float, silence: float
    ) -> Request:
        """Return the request of the stream after the event `last_id`; `silence` bounds the wait for each piece."""
        params = {name: value for name, value in (("market", market), ("types", types)) if value}
        headers = self._headers(("Accept", "text/event-stream"))
        if last_id:
            headers.append(("Last-Event-ID", last_id))
        options = {"headers": headers, "extensions": _timeouts(timeout, silence)}
        return Request(("GET", self._build_url("/api/v1/stream", params)), options)

    def _headers(self, *headers: tuple[str, str]) -> list[tuple[str, str]]:
        key = [("X-API-Key", self.api_key)] if self.api_key else []
        return [("User-Agent", "strandline-client"), *key, *headers]

    def _build_url(self, path: str, params: Mapping[str, Any]) -> str:
        query = urlencode(params)
        return f"{self.url.rstrip('/')}{path}{f'?{query}' if query else ''}"


def read_response(response: httpcore.Response, body: bytes) -> Response:
    """Return the response with its body, unpacked where it came as gzip."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    content = gzip.decompress(body) if headers.get("content-encoding") == "gzip" and body else body
    reason: bytes = response.extensions.get("reason_phrase", b"")
    return Response(response.status, headers, content, reason.decode("latin-1"))


def find_proxy(url: str) -> httpcore.Proxy | None:
    """Return the proxy that HTTP_PROXY, HTTPS_PROXY and NO_PROXY name for the server, if any."""
    parts = urlsplit(url)
    address = getproxies().get(parts.scheme)
    return None if not address or proxy_bypass(parts.hostname or "") else httpcore.Proxy(address)


def _timeouts(seconds: float, read: float) -> Mapping[str, Mapping[str, float]]:
    return {"timeout": {"connect": seconds, "write": seconds, "pool": seconds, "read": read}}
