"""`/mcp`: the MCP server over streamable HTTP. It starts, and loads its SDK, at the first call.

It keeps no sessions, so any process of the API can answer any call. Tools call this application itself, with the
headers and the address of the caller: keys, scopes and limits are those of the REST API.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Receive, Scope, Send

from api.http.problems import problem_response
from runtime.tasks import cancel_and_wait

if TYPE_CHECKING:
    from api.mcp.calls import RestCalls

_PASSED_ON = ("authorization", "x-api-key", "x-forwarded-for")


class McpEndpoint:
    """An ASGI application for one path. Close it."""

    def __init__(self, api: ASGIApp) -> None:
        self._api = api
        self._serving: asyncio.Task[None] | None = None
        self._manager: asyncio.Future[Any] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if find_spec("mcp") is None:
            await problem_response(501, "MCP is not installed here: install strandline[mcp]")(
                scope, receive, send
            )
            return
        manager = await self._start()
        await manager.handle_request(scope, receive, send)

    async def close(self) -> None:
        """End the server, and the calls in progress."""
        if self._serving is not None:
            await cancel_and_wait(self._serving)

    async def _start(self) -> Any:
        if self._manager is None:
            self._manager = asyncio.get_running_loop().create_future()
            # A task of its own: the SDK wants its task group left where it was entered.
            self._serving = asyncio.create_task(self._serve(self._manager), name="mcp")
        return await asyncio.shield(self._manager)

    async def _serve(self, ready: asyncio.Future[Any]) -> None:
        async with AsyncExitStack() as stack:
            try:
                server = await asyncio.to_thread(_load_server, self._api)
                # It answers the API's own callers, whose host names only the proxy in front of it knows.
                server.streamable_http_app(
                    stateless_http=True, json_response=True, transport_security=_open()
                )
                await stack.enter_async_context(server.session_manager.run())
            except Exception as error:  # whatever the SDK raises ends the calls that wait for it
                ready.set_exception(error)
                raise
            ready.set_result(server.session_manager)
            await asyncio.Event().wait()


def _load_server(api: ASGIApp) -> Any:
    # Imported here, in a thread: the SDK takes a second to load.
    import httpx  # noqa: PLC0415

    from api.mcp.calls import RestCalls  # noqa: PLC0415
    from api.mcp.tools import build_server  # noqa: PLC0415

    def connect(context: Any) -> "RestCalls":
        request = context.request_context.request
        address = (request.client.host, request.client.port) if request.client else ("unknown", 0)
        transport = httpx.ASGITransport(api, raise_app_exceptions=False, client=address)
        headers = _select_headers(request.headers)
        return RestCalls(httpx.AsyncClient(transport=transport, base_url="http://api", headers=headers))

    return build_server(connect)


def _select_headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in _PASSED_ON if name in headers}


def _open() -> Any:
    from mcp.server.transport_security import TransportSecuritySettings  # noqa: PLC0415

    return TransportSecuritySettings(enable_dns_rebinding_protection=False)
