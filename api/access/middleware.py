"""The middlewares in front of the routes, from the outside in: security headers, CORS, rate limits."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.access.access_control import KEY_HEADER, AccessControl
from api.access.counters import RequestCounters
from api.access.rate_limits import RateLimitMiddleware
from api.access.security_headers import SecurityHeadersMiddleware
from runtime.settings import Settings

_METHODS = ("GET", "HEAD", "POST", "PATCH", "DELETE")
_REQUEST_HEADERS = (
    "Authorization",
    "Content-Type",
    "If-None-Match",
    "Last-Event-ID",
    "traceparent",
    KEY_HEADER,
)
_RESPONSE_HEADERS = ("ETag", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "WWW-Authenticate")
_PREFLIGHT_SECONDS = 600


def install_middleware(
    app: FastAPI, settings: Settings, access: AccessControl, counters: RequestCounters
) -> None:
    """Add the middlewares to `app`. The one that is added last is the outermost."""
    app.add_middleware(RateLimitMiddleware, settings=settings, access=access, counters=counters)
    if settings.cors_origins:
        # Without credentials: calls from other sites authenticate by a key.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=_METHODS,
            allow_headers=_REQUEST_HEADERS,
            expose_headers=_RESPONSE_HEADERS,
            max_age=_PREFLIGHT_SECONDS,
        )
    app.add_middleware(SecurityHeadersMiddleware)
