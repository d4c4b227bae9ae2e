"""What stands before the routes, from the outside in: security headers, CORS, quotas."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from api.access.counters import Counters
from api.access.headers import SecurityHeaders
from api.access.limits import Limits
from api.access.security import HEADER, Gate
from runtime.best_effort_redis import BestEffortRedis
from runtime.clock import Clock
from runtime.settings import Settings

_METHODS = ("GET", "POST", "PATCH", "DELETE")
_MAY_SEND = ("Content-Type", "Last-Event-ID", "traceparent", HEADER)
_MAY_READ = ("RateLimit", "RateLimit-Policy", "Retry-After")
_PREFLIGHT_SECONDS = 600


def counters_of(settings: Settings, clock: Clock) -> Counters:
    """The caller's to close. Raises ConfigurationError for what is no Redis URL."""
    url = settings.redis_url
    return Counters(
        clock, BestEffortRedis.from_url(url.get_secret_value(), clock) if url is not None else None
    )


def install(app: FastAPI, settings: Settings, gate: Gate, counters: Counters) -> None:
    """Around all of `app`. What is added last is outermost."""
    app.add_middleware(Limits, settings=settings, gate=gate, counters=counters)
    if settings.cors_origins:
        # Without credentials: who calls from another site says who it is by a key.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=_METHODS,
            allow_headers=_MAY_SEND,
            expose_headers=_MAY_READ,
            max_age=_PREFLIGHT_SECONDS,
        )
    app.add_middleware(SecurityHeaders)
