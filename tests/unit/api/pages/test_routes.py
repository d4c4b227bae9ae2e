import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx import AsyncClient

from api.pages import routes as page
from tests.unit.api.fakes import client_of_app


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Where a build of the web application would be."""
    return tmp_path / "static"


@pytest.fixture
async def pages(built: Path) -> AsyncIterator[AsyncClient]:
    app = FastAPI()
    page.install_pages(app, built)
    async with client_of_app(app) as client:
        yield client


def build(built: Path) -> None:
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text('<div id="root"></div>')
    (built / "assets" / "index-abc.js").write_text("export {}")


async def test_plain_page_is_served_without_a_build(pages: AsyncClient) -> None:
    answer = await pages.get("/")
    assert answer.headers["content-type"].startswith("text/html")
    assert 'testid = "result"' in answer.text
    assert not re.search(r"""(src|href)=["'](https?:)?//""", answer.text)
    assert "innerHTML" not in answer.text


@pytest.mark.parametrize("path", page.PAGES)
async def test_every_page_serves_the_application(pages: AsyncClient, built: Path, path: str) -> None:
    build(built)
    answer = await pages.get(path, params={"symbol": "BTCUSDT"})
    assert (answer.status_code, answer.text) == (200, '<div id="root"></div>')
    assert answer.headers["cache-control"] == "no-cache"
    assert "unsafe" not in answer.headers["content-security-policy"]


async def test_assets_are_immutable(pages: AsyncClient, built: Path) -> None:
    build(built)
    answer = await pages.get("/assets/index-abc.js")
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "javascript" in answer.headers["content-type"]


async def test_missing_asset_is_not_cached(pages: AsyncClient, built: Path) -> None:
    build(built)
    answer = await pages.get("/assets/index-old.js")
    assert answer.status_code == 404
    assert "immutable" not in answer.headers.get("cache-control", "")


async def test_application_serves_every_page(client: AsyncClient) -> None:
    for path in page.PAGES:
        assert (await client.get(path)).status_code == 200
