import gzip
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncEngine

from api.pages import routes as page
from broker.memory.broker import MemoryBroker
from tests.unit.api.fakes import client_of, client_of_app, dependencies


@pytest.fixture
def build_folder(tmp_path: Path) -> Path:
    """The folder of a build of the web application."""
    return tmp_path / "static"


@pytest.fixture
async def pages(build_folder: Path) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    page.install_pages(app, build_folder)
    async with client_of_app(app) as client:
        yield client


def write_build(build_folder: Path) -> None:
    (build_folder / "assets").mkdir(parents=True)
    (build_folder / "index.html").write_text('<div id="root"></div>')
    (build_folder / "assets" / "index-abc.js").write_text("export {}")


def write_compressed(build_folder: Path) -> dict[str | None, bytes]:
    """Write a build with compressed versions of its script; return them by content encoding."""
    write_build(build_folder)
    file = build_folder / "assets" / "index-abc.js"
    versions = {"br": b"brotli", "gzip": gzip.compress(file.read_bytes()), None: file.read_bytes()}
    for suffix, encoding in (("br", "br"), ("gz", "gzip")):
        file.with_name(f"{file.name}.{suffix}").write_bytes(versions[encoding])
    return versions


async def test_plain_page_is_served_without_a_build(pages: AsyncClient) -> None:
    answer = await pages.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert 'testid = "result"' in answer.text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text)
    assert "innerHTML" not in answer.text


@pytest.mark.parametrize("path", page.PAGES)
async def test_every_page_serves_the_application(pages: AsyncClient, build_folder: Path, path: str) -> None:
    write_build(build_folder)
    answer = await pages.get(path, params={"symbol": "BTCUSDT"})
    assert (answer.status_code, answer.text) == (200, '<div id="root"></div>')
    assert answer.headers["cache-control"] == "no-cache"
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_assets_are_immutable(pages: AsyncClient, build_folder: Path) -> None:
    write_build(build_folder)
    answer = await pages.get("/assets/index-abc.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in answer.headers["content-type"]
    assert "connect-src 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
async def test_assets_are_served_precompressed(
    pages: AsyncClient, build_folder: Path, accepted: str, encoding: str | None
) -> None:
    versions = write_compressed(build_folder)
    request = pages.build_request("GET", "/assets/index-abc.js", headers={"Accept-Encoding": accepted})
    answer = await pages.send(request, stream=True)
    body = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers.get("content-encoding") == encoding
    assert body == versions[encoding]
    assert answer.headers["vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-type"].startswith("text/javascript")


async def test_precompressed_asset_is_revalidated(pages: AsyncClient, build_folder: Path) -> None:
    write_compressed(build_folder)
    headers = {"Accept-Encoding": "gzip"}
    first = await pages.get("/assets/index-abc.js", headers=headers)
    again = await pages.get(
        "/assets/index-abc.js", headers=headers | {"If-None-Match": first.headers["etag"]}
    )
    assert (first.text, again.status_code) == ("export {}", 304)


async def test_missing_asset_is_not_cached(pages: AsyncClient, build_folder: Path) -> None:
    write_build(build_folder)
    answer = await pages.get("/assets/index-old.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_application_serves_every_page(client: AsyncClient) -> None:
    for path in page.PAGES:
        assert (await client.get(path)).status_code == 200


async def test_embedded_chart_may_be_framed_by_the_sites_of_the_settings_alone(
    engine: AsyncEngine, broker: MemoryBroker
) -> None:
    sites = ("https://desk.example", "http://localhost:9000")
    async with client_of(dependencies(engine, broker=broker, frame_ancestors=sites)) as client:
        embedded, chart = await client.get("/embed/chart?symbol=BTCUSDT"), await client.get("/chart")
    policy = embedded.headers["content-security-policy"]
    assert policy.endswith("; frame-ancestors 'self' https://desk.example http://localhost:9000")
    assert "x-frame-options" not in embedded.headers
    assert chart.headers["content-security-policy"].endswith("; frame-ancestors 'none'")
    assert chart.headers["x-frame-options"] == "DENY"


async def test_embedded_chart_is_framed_by_no_other_site_without_the_setting(client: AsyncClient) -> None:
    embedded = await client.get("/embed/chart")
    assert embedded.headers["content-security-policy"].endswith("; frame-ancestors 'self'")
