from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse, StreamingResponse

from api.http.compression import MIN_BYTES, CompressionMiddleware, parse_accept_encoding
from tests.unit.api.fakes import client_of_app


@pytest.mark.parametrize(
    ("header", "accepted"),
    [
        ("", set()),
        ("gzip", {"gzip"}),
        ("GZIP, br ; q=0.8", {"gzip", "br"}),
        ("br;q=0, gzip;q=0.0, zstd;q=0.001", {"zstd"}),
        ("*", {"*"}),
    ],
)
def test_parse_accept_encoding_returns_accepted_names(header: str, accepted: set[str]) -> None:
    assert parse_accept_encoding(header) == accepted


def compressed_app() -> FastAPI:
    app = FastAPI()

    @app.get("/long")
    async def send_long() -> JSONResponse:
        return JSONResponse(["candle"] * MIN_BYTES)

    @app.get("/short")
    async def send_short() -> JSONResponse:
        return JSONResponse(["candle"])

    @app.get("/events")
    async def send_events() -> StreamingResponse:
        async def events() -> AsyncIterator[bytes]:
            for _ in range(MIN_BYTES):
                yield b"data: candle\n\n"

        return StreamingResponse(events(), media_type="text/event-stream")

    app.add_middleware(CompressionMiddleware)
    return app


@pytest.mark.parametrize(("path", "encoding"), [("/long", "gzip"), ("/short", None), ("/events", None)])
async def test_compression_covers_long_bodies_and_no_event_streams(path: str, encoding: str | None) -> None:
    async with client_of_app(compressed_app()) as client:
        answer = await client.get(path, headers={"Accept-Encoding": "gzip, br"})
        assert answer.headers.get("content-encoding") == encoding
        assert "candle" in answer.text


async def test_compression_is_left_out_for_clients_without_it() -> None:
    async with client_of_app(compressed_app()) as client:
        answer = await client.get("/long", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in answer.headers
        assert len(answer.json()) == MIN_BYTES
