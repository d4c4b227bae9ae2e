"""Structured logs: readable on a terminal, JSON in a container; request id and market bound by whoever has them."""

import logging
import sys
from typing import TextIO

import structlog
import structlog.tracebacks
from opentelemetry import trace
from structlog.typing import EventDict, Processor

from runtime.settings import Settings


def _with_trace(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A line of a traced step leads to its trace."""
    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = f"{context.trace_id:032x}"
    return event


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    _with_trace,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
)

# What others say at INFO is of no use to whoever runs a pipeline.
_QUIETER = {
    "aiokafka": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "alembic": logging.WARNING,
    "apprise": logging.WARNING,  # below it, it writes its URLs, and the secrets in them
    "asyncio": logging.WARNING,
    "ccxt": logging.WARNING,
    "httpcore": logging.WARNING,
    "httpx": logging.WARNING,
    "uvicorn.access": logging.WARNING,
}


def configure(settings: Settings, stream: TextIO = sys.stderr) -> None:
    """Send our logs and the libraries' through one formatter to `stream`. Called once, by a composition root."""
    readable = settings.log_format == "text" or (settings.log_format == "auto" and stream.isatty())
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED, processors=_last_steps(readable, stream)
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in _QUIETER.items():
        logging.getLogger(name).setLevel(level)


def _last_steps(readable: bool, stream: TextIO) -> list[Processor]:
    without_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if readable:
        plain = structlog.dev.plain_traceback  # the pretty one shows every local, and so every secret
        return [
            without_meta,
            structlog.dev.ConsoleRenderer(colors=stream.isatty(), exception_formatter=plain),
        ]
    frames = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return [without_meta, structlog.processors.ExceptionRenderer(frames), structlog.processors.JSONRenderer()]
