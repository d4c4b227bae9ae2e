"""Errors as RFC 9457 problem documents, with `error` repeating `detail` for older clients."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
from anyio import BrokenResourceError
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.errors import Permanent, Transient
from schemas.http.problems import build_problem
from schemas.requests import InvalidRequest

MEDIA_TYPE = "application/problem+json"

_DEFAULT_RETRY_AFTER = 5
_BODY_ERROR = "There was an error parsing the body"  # FastAPI's text for a body that is not UTF-8
_MAX_DETAIL = 1_000
# RFC 9110's names, which Python's own table has only from 3.13 on.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_CHALLENGES = {401: {"WWW-Authenticate": 'Bearer realm="strandline"'}}
_REASON_STATUS = {"unknown_symbol": 404, "too_few_candles": 404, "internal": 502}
_log = structlog.get_logger(__name__)


class ProblemError(Exception):
    """Ends a request with a problem: its status, and a sentence for the caller. `more` is added to the document."""

    def __init__(
        self, status: int, detail: str, *, retry_after: float | None = None, **more: str | None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.more = more


def problem_response(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: str | None
) -> JSONResponse:
    """Return a problem as a response. `detail` may quote the caller: it is truncated, lone surrogates are replaced."""
    detail = detail[:_MAX_DETAIL].encode("utf-8", "replace").decode()
    document = build_problem(status, _title(status), detail, **more)
    return JSONResponse(document, status, headers=headers, media_type=MEDIA_TYPE)


Responses = dict[int | str, dict[str, Any]]


def problem_responses(*statuses: int) -> Responses:
    """Return the OpenAPI description of the problems that a route may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _title(status), "content": content} for status in statuses}


_MESSAGES = {
    "model_attributes_type": "must be a JSON object",
    "extra_forbidden": "is not a field here, or cannot be changed: leave it out",
    "timezone_aware": "has no time zone: write a time such as 2026-11-22T13:00:00Z",
}
"""Our texts for some of pydantic's types of errors."""


def format_errors(errors: Sequence[Mapping[str, Any]]) -> str:
    """Return validation errors in one line: each field with its error, never the value."""
    return "; ".join(f"{_format_field(error)}: {_format_message(error)}" for error in errors[:5])


def install_problem_handlers(app: FastAPI) -> None:
    """Convert every error of `app` to a problem."""
    app.add_exception_handler(ProblemError, _handle_problem)
    app.add_exception_handler(HTTPException, _handle_http)
    app.add_exception_handler(RequestValidationError, _handle_validation)
    app.add_exception_handler(InvalidRequest, _handle_invalid_request)
    app.add_exception_handler(Permanent, _handle_permanent)
    app.add_exception_handler(Transient, _handle_transient)
    app.add_middleware(UnhandledErrorMiddleware)


def _title(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


def _format_field(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"body, character {error['loc'][-1]}"
    # The first part is the source (query, path, body), which follows from the name.
    return ".".join(str(part) for part in error["loc"][1:]) or "body"


def _format_message(error: Mapping[str, Any]) -> str:
    return _MESSAGES.get(error["type"]) or str(error["msg"]).removeprefix("Value error, ")


def _retry_headers(seconds: float | None) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(seconds if seconds is not None else _DEFAULT_RETRY_AFTER)))}


async def _handle_problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ProblemError)
    headers = (
        _retry_headers(error.retry_after) if error.status in {429, 503} else _CHALLENGES.get(error.status)
    )
    return problem_response(error.status, error.detail, headers=headers, **error.more)


async def _handle_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, headers = error.detail, error.headers
    if detail == _BODY_ERROR:
        return problem_response(422, "body: must be JSON, in UTF-8")
    if error.status_code == 405:
        headers = {**(headers or {}), **_allow_headers(request)}
    if detail == HTTPStatus(error.status_code).phrase:
        detail = f"{detail}: {request.method} {request.url.path}"
    return problem_response(error.status_code, detail, headers=headers)


def _allow_headers(request: Request) -> Mapping[str, str]:
    methods = _list_methods(request)
    return {"Allow": ", ".join(methods)} if methods else {}


def _list_methods(request: Request) -> Sequence[str]:
    """Return all methods that the document has for this path; the router knows those of the first route only."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi().get("paths", {})
    path = request.url.path
    methods = paths.get(path) or next(
        (methods for template, methods in paths.items() if compile_path(template)[0].match(path)), {}
    )
    return sorted({method.upper() for method in methods} | ({"HEAD"} if "get" in methods else set()))


async def _handle_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, bytes) and error.body:
        sent = request.headers.get("content-type", "none")
        return problem_response(422, f"body: send JSON with Content-Type: application/json, not {sent}")
    return problem_response(422, format_errors(error.errors()))


async def _handle_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidRequest)
    return problem_response(422, str(error), request_id=error.request_id)


async def _handle_permanent(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Permanent)
    return problem_response(_REASON_STATUS.get(error.reason, 422), str(error))


async def _handle_transient(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Transient)
    # The cause may name hosts and users: it belongs into the log only.
    _log.warning("request.unavailable", path=request.url.path, error=str(error), cause=repr(error.__cause__))
    return problem_response(503, str(error), headers=_retry_headers(error.retry_after))


class UnhandledErrorMiddleware:
    """Answers 500 to errors without a handler.

    It stands inside the other middlewares, so that these answers are measured and carry the security headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal response_started
            response_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception as error:  # every error of ours is a problem document for the client
            if response_started and _is_client_gone(error):
                return
            if scope["type"] == "http" and not response_started:
                await problem_response(500, "internal error: see the log of the API")(scope, receive, send)
            raise  # so that the server logs the traceback


def _is_client_gone(error: Exception) -> bool:
    """Return whether a client left a stream while an event was on its way: FastAPI raises a group then."""
    return isinstance(error, ExceptionGroup) and error.split(BrokenResourceError)[1] is None
