"""`strandline mcp`: the MCP server on standard input and output, for the API of a running installation."""

import asyncio
from typing import Annotated, Any

import typer

from runtime.errors import ConfigurationError
from runtime.serving import build_url
from runtime.settings import Settings


def mcp(
    api: Annotated[
        str | None, typer.Option("--api", help="URL of the API; a running `up` by default")
    ] = None,
) -> None:
    """Serve the MCP tools on standard input and output. STRANDLINE_API_KEY is the key, where one is needed."""
    try:
        # Imported here: an optional extra that takes a second to load.
        import httpx  # noqa: PLC0415

        from api.mcp.calls import RestCalls  # noqa: PLC0415
        from api.mcp.tools import build_server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] != "mcp":
            raise
        raise ConfigurationError("this command needs the MCP SDK: install strandline[mcp]") from error
    settings = Settings.load()
    key = settings.api_key
    client = httpx.AsyncClient(
        base_url=api or build_url(settings.http_host, settings.http_port),
        headers={"X-API-Key": key.get_secret_value()} if key is not None else None,
        trust_env=False,
    )

    def connect(_: Any) -> RestCalls:
        return RestCalls(client)

    asyncio.run(build_server(connect).run_stdio_async())
