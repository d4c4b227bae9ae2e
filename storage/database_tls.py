"""MySQL connections that use TLS or fail.

aiomysql continues unencrypted when a server offers no TLS, and would send the password to a man in the middle that
removes the offer. So the offer is checked before anything is sent.
"""

import ssl
from collections.abc import Mapping
from typing import Any

from aiomysql import Connection, OperationalError

from runtime.errors import ConfigurationError

_OFFERS_TLS = 1 << 11
"""CLIENT_SSL: https://dev.mysql.com/doc/dev/mysql-server/latest/group__group__cs__capabilities__flags.html."""

TLS_FAILED = 2026
"""CR_SSL_CONNECTION_ERROR: https://dev.mysql.com/doc/mysql-errors/8.4/en/client-error-reference.html."""


def tls_context(cafile: str | None) -> ssl.SSLContext:
    """Build a context that verifies certificate and host name, by `cafile` or the system's CAs.

    Raises ConfigurationError.
    """
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as error:
        what = (
            "cannot be read"
            if isinstance(error, FileNotFoundError | PermissionError)
            else "contains no certificate"
        )
        raise ConfigurationError(f"STRANDLINE_DATABASE_SSL_CAFILE ({cafile}) {what}") from None


def connect_args(cafile: str | None) -> Mapping[str, Any]:
    """Return the arguments with which SQLAlchemy opens such connections."""
    return {"ssl": tls_context(cafile), "async_creator_fn": _connect_tls}


class _TlsConnection(Connection):  # type: ignore[misc]
    async def _request_authentication(self) -> None:
        # Called before anything is sent.
        if not self.server_capabilities & _OFFERS_TLS:
            raise OperationalError(
                TLS_FAILED,
                "the server offers no TLS: enable it there, or set STRANDLINE_DATABASE_SSL to false",
            )
        await super()._request_authentication()


async def _connect_tls(**arguments: Any) -> Connection:
    connection = _TlsConnection(**arguments)
    try:
        await connection._connect()
    except OperationalError as error:
        if refusal := _find_refusal(error):
            raise OperationalError(TLS_FAILED, refusal) from error
        raise
    return connection


def _find_refusal(error: BaseException) -> str | None:
    """Return why the server's certificate was not accepted; None for another error."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not accepted: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return None
