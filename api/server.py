"""The API on a socket: its streams are told to end before the server waits for its answers."""

from contextlib import AbstractAsyncContextManager

from fastapi import FastAPI

from runtime.serving import Serving
from runtime.serving import serving as _serving


def serving(app: FastAPI, *, host: str, port: int) -> AbstractAsyncContextManager[Serving]:
    """Serve `app` (made by `create_app`) while inside; port 0 takes a free one. Raises PortTaken."""
    live = app.state.live
    return _serving(app, host=host, port=port, before_drain=live.close if live is not None else None)
