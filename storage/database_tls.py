"""Connections to MySQL over TLS, or none at all.

aiomysql goes on in the clear where a server offers no TLS, and so would hand the password to whoever stands in
between and leaves that offer out. So the offer is looked at before anything of ours is sent.
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
    """Verifies certificate and host name, by `cafile` or by what the system trusts. Raises ConfigurationError."""
    try:
        return ssl.create_default_context(cafile=cafile)
    except (OSError, ssl.SSLError) as error:
        what = (
            "can't be read"
            if isinstance(error, FileNotFoundError | PermissionError)
            else "has no certificate in it"
        )
        raise ConfigurationError(f"STRANDLINE_DATABASE_SSL_CAFILE ({cafile}) {what}") from None


def connect_args(cafile: str | None) -> Mapping[str, Any]:
    """What SQLAlchemy needs to open such connections."""
    return {"ssl": tls_context(cafile), "async_creator_fn": _connected}


class _Encrypted(Connection):  # type: ignore[misc]
    async def _request_authentication(self) -> None:
        # Nothing was sent yet.
        if not self.server_capabilities & _OFFERS_TLS:
            raise OperationalError(TLS_FAILED, "the server offers no TLS, and nothing is sent to it without")
        await super()._request_authentication()


async def _connected(**arguments: Any) -> Connection:
    connection = _Encrypted(**arguments)
    try:
        await connection._connect()
    except OperationalError as error:
        if refusal := _refusal(error):
            raise OperationalError(TLS_FAILED, refusal) from error
        raise
    return connection


def _refusal(error: BaseException) -> str | None:
    """Why the server's certificate was not accepted, if that is what happened."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"the server's certificate is not accepted: {cause.verify_message}"
        cause = cause.__cause__ or cause.__context__
    return None
