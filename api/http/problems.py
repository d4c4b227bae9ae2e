"""Every error as an RFC 9457 problem document, with `error` repeating `detail` for older clients."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from math import ceil
from typing import Any

import structlog
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

_RETRY_AFTER = 5
_UNREADABLE = "There was an error parsing the body"  # FastAPI's words for bytes that are no text
_MOST_DETAIL = 1_000
# RFC 9110's names, which Python's own table has only from 3.13 on.
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}
_STATUS_OF_REASON = {"unknown_symbol": 404, "too_few_candles": 404, "internal": 502}
_log = structlog.get_logger(__name__)


class Refused(Exception):
    """A request that ends here: the status, and a sentence for whoever sent it. `more` joins the document."""

    def __init__(
        self, status: int, detail: str, *, retry_after: float | None = None, **more: str | None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.retry_after = retry_after
        self.more = more


def respond(
    status: int, detail: str, *, headers: Mapping[str, str] | None = None, **more: str | None
) -> JSONResponse:
    """The problem as a response. `detail` may quote a caller: it is cut, and what is no Unicode in it replaced."""
    detail = detail[:_MOST_DETAIL].encode("utf-8", "replace").decode()
    document = build_problem(status, _title(status), detail, **more)
    return JSONResponse(document, status, headers=headers, media_type=MEDIA_TYPE)


Responses = dict[int | str, dict[str, Any]]


def described(*statuses: int) -> Responses:
    """The problems that a route may answer, for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _title(status), "content": content} for status in statuses}


def readable(errors: Sequence[Mapping[str, Any]]) -> str:
    """Validation errors in one line: which field, and what is wrong with it; never the value."""
    return "; ".join(f"{_field(error)}: {_fault(error)}" for error in errors[:5])


def install(app: FastAPI) -> None:
    """Let every error leave `app` as a problem."""
    app.add_exception_handler(Refused, _on_refused)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(InvalidRequest, _on_invalid_request)
    app.add_exception_handler(Permanent, _on_permanent)
    app.add_exception_handler(Transient, _on_transient)
    app.add_middleware(Unforeseen)


def _title(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


def _field(error: Mapping[str, Any]) -> str:
    if error["type"] == "json_invalid":
        return f"body, character {error['loc'][-1]}"
    # The first part says where it came from (query, path, body), which the name already tells.
    return ".".join(str(part) for part in error["loc"][1:]) or "body"


def _fault(error: Mapping[str, Any]) -> str:
    return "must be a JSON object" if error["type"] == "model_attributes_type" else error["msg"]


def _retry(seconds: float | None) -> dict[str, str]:
    return {"Retry-After": str(max(1, ceil(seconds if seconds is not None else _RETRY_AFTER)))}


async def _on_refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Refused)
    headers = _retry(error.retry_after) if error.status in {429, 503} else None
    return respond(error.status, error.detail, headers=headers, **error.more)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    detail, headers = error.detail, error.headers
    if detail == _UNREADABLE:
        return respond(422, "body: must be JSON, in UTF-8")
    if error.status_code == 405:
        headers = {**(headers or {}), **_allow(request)}
    if detail == HTTPStatus(error.status_code).phrase:
        detail = f"{detail}: {request.method} {request.url.path}"
    return respond(error.status_code, detail, headers=headers)


def _allow(request: Request) -> Mapping[str, str]:
    methods = _methods_at(request)
    return {"Allow": ", ".join(methods)} if methods else {}


def _methods_at(request: Request) -> Sequence[str]:
    """All that the document has at this path: the router itself names those of the first route alone."""
    paths: Mapping[str, Mapping[str, Any]] = request.app.openapi().get("paths", {})
    here = request.url.path
    methods = paths.get(here) or next(
        (methods for path, methods in paths.items() if compile_path(path)[0].match(here)), {}
    )
    return sorted(method.upper() for method in methods)


async def _on_validation(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    if isinstance(error.body, bytes) and error.body:
        sent = request.headers.get("content-type", "none")
        return respond(422, f"body: send JSON with Content-Type: application/json (it came with {sent})")
    return respond(422, readable(error.errors()))


async def _on_invalid_request(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, InvalidRequest)
    return respond(422, str(error), request_id=error.request_id)


async def _on_permanent(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Permanent)
    return respond(_STATUS_OF_REASON.get(error.reason, 422), str(error))


async def _on_transient(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Transient)
    # What is below it may name hosts and users: that is for the log alone.
    _log.warning("unavailable", path=request.url.path, error=str(error), cause=repr(error.__cause__))
    return respond(503, str(error), headers=_retry(error.retry_after))


class Unforeseen:
    """Answers what no handler knows, inside of all that looks at answers: it too is counted, and has its headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def noticing(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, noticing)
        except Exception:
            if scope["type"] == "http" and not begun:
                await respond(500, "an error of ours: the log has it")(scope, receive, send)
            raise  # so that the server logs it whole
