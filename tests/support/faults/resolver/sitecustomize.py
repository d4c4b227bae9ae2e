"""Name resolution that a fault can break: Python imports this file at the start of a role that has it on PYTHONPATH."""

import os
import socket
from pathlib import Path
from typing import Any

_NAME = "localhost"
_UP = Path(os.environ["STRANDLINE_TEST_NAMES"])
_resolve = socket.getaddrinfo


def _resolve_or_fail(host: Any, *rest: Any, **named: Any) -> Any:
    """Resolve while the file exists; else fail as a resolver without an answer does."""
    if host not in {_NAME, _NAME.encode()}:
        return _resolve(host, *rest, **named)
    if not _UP.exists():
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    return _resolve("127.0.0.1", *rest, **named)


socket.getaddrinfo = _resolve_or_fail
