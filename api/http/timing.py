"""Response times by route and status, as a metric."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.metrics import HTTP_SECONDS

NO_ROUTE = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class TimingMiddleware:
    """Measures each request until its response begins; the length of a stream is not measured."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", NO_ROUTE)
                seconds = time.perf_counter() - started
                # A client can invent any method, and each would be a time series of its own.
                method = scope["method"] if scope["method"] in _METHODS else "other"
                HTTP_SECONDS.labels(method, route, str(message["status"])).observe(seconds)
            await send(message)

        await self._app(scope, receive, send_timed)
