"""Serves the API on a socket. Its streams are closed before the server waits for responses in progress."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from api.http.dependencies import get_dependencies
from runtime.serving import HttpServer, serve_app


def serve_api(app: FastAPI, *, host: str, port: int) -> AbstractAsyncContextManager[HttpServer]:
    """Serve `app` (made by `create_app`) inside this context; port 0 selects a free one. Raises PortTaken."""
    return serve_app(app, host=host, port=port, before_drain=get_dependencies(app).live.close)
