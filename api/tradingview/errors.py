"""Errors of the datafeed: problem documents that the adapter of the charting library understands as well."""

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute

from api.http.problems import ProblemError
from runtime.errors import Permanent, Transient

_ERRORS = (ProblemError, RequestValidationError, Permanent, Transient)
_COMPUTED = frozenset({"content-length", "content-type"})

Handle = Callable[[Request], Coroutine[Any, Any, Response]]


class DatafeedRoute(APIRoute):
    """Adds `s` and `errmsg` to problems: the adapter does not look at the status, and would read a symbol in them."""

    def get_route_handler(self) -> Handle:
        """Return the handler of the route, with errors that the adapter understands."""
        handle = super().get_route_handler()

        async def handle_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except _ERRORS as error:
                return _add_message(await _build_problem(request, error))

        return handle_errors


async def _build_problem(request: Request, error: Exception) -> Response:
    """Return what the application answers to the error, as it does for other routes."""
    handlers: Mapping[type, Any] = request.app.exception_handlers
    (build, *_) = (handlers[kind] for kind in type(error).__mro__ if kind in handlers)
    response: Response = await build(request, error)
    return response


def _add_message(problem: Response) -> Response:
    document = json.loads(bytes(problem.body))
    headers = {name: value for name, value in problem.headers.items() if name not in _COMPUTED}
    return JSONResponse(
        document | {"s": "error", "errmsg": document["detail"]},
        problem.status_code,
        headers,
        problem.media_type,
    )
