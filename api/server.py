"""The API on a socket: its streams are told to end before the server waits for its answers."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from runtime.serving import HttpServer, serve_app


def serve_api(app: FastAPI, *, host: str, port: int) -> AbstractAsyncContextManager[HttpServer]:
    """Serve `app` (made by `create_app`) while inside; port 0 takes a free one. Raises PortTaken."""
    live = app.state.live
    return serve_app(app, host=host, port=port, before_drain=live.close if live is not None else None)
