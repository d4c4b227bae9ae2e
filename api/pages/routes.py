"""The pages: the web application if it was built, else one plain page.

File names contain a hash of the content and are cached without limit; `index.html` names them and is revalidated each
time. The web application routes its paths itself: each of them serves `index.html`.
"""

import mimetypes
from functools import lru_cache
from pathlib import Path

import anyio
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from api.http.compression import parse_accept_encoding
from api.http.dependencies import Deps
from api.pages.policy import build_policy

BUILD_FOLDER = Path(__file__).parent.parent / "static"
PLAIN_FOLDER = Path(__file__).parent.parent / "plain"
EMBEDDED_PAGE = "/embed/chart"
"""The page that other sites may frame, if the settings name them."""
PAGES = ("/", "/chart", "/screener", "/watches", "/pipeline")

# A worker is under the policy of its own script: it opens the stream.
_WORKER_POLICY = "default-src 'none'; script-src 'self'; connect-src 'self'"
_ENCODINGS = (("br", "br"), ("gzip", "gz"))
"""Content encodings and the suffixes of their files, the smallest first."""
# The plain page contains its script and its style.
_PLAIN_POLICY = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"
_UNFRAMED = "frame-ancestors 'none'"


class _ImmutableFiles(StaticFiles):
    """Files whose names change with their content, in the smallest version that the client accepts."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await self._get_compressed(path, scope) or await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
            response.headers["Vary"] = "Accept-Encoding"
            response.headers["Content-Security-Policy"] = _WORKER_POLICY
        return response

    async def _get_compressed(self, path: str, scope: Scope) -> Response | None:
        """Return the version that the build compressed; None without one. It is identified by its own ETag."""
        accepted = parse_accept_encoding(Headers(scope=scope).get("accept-encoding", ""))
        media_type, _ = mimetypes.guess_type(path)
        for encoding, suffix in _ENCODINGS:
            file, stat = self.lookup_path(f"{path}.{suffix}") if encoding in accepted else ("", None)
            if stat is not None and media_type is not None:
                response = self.file_response(file, stat, scope)
                if response.status_code == 200:
                    response.headers["Content-Type"] = media_type
                    response.headers["Content-Encoding"] = encoding
                return response
        return None


def _read_page(index: Path) -> tuple[str, str]:
    """Return the page and its policy: that of the build, else the plain one."""
    try:
        return _read_build(index, index.stat().st_mtime_ns)
    except FileNotFoundError:
        return (PLAIN_FOLDER / "index.html").read_text(encoding="utf-8"), _PLAIN_POLICY


@lru_cache(maxsize=1)
def _read_build(index: Path, _modified: int) -> tuple[str, str]:
    html = index.read_text(encoding="utf-8")
    return html, build_policy(html)


def install_pages(app: FastAPI, build_folder: Path = BUILD_FOLDER) -> None:
    """Serve the pages; `build_folder` is where a build of the web application would be."""

    async def serve_page() -> HTMLResponse:
        return await send_page(_UNFRAMED)

    async def serve_embedded(deps: Deps) -> HTMLResponse:
        return await send_page(" ".join(("frame-ancestors 'self'", *deps.settings.frame_ancestors)))

    async def send_page(ancestors: str) -> HTMLResponse:
        # Looked up on each request: it may be built while this process runs.
        html, policy = await anyio.to_thread.run_sync(_read_page, build_folder / "index.html")
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": f"{policy}; {ancestors}"}
        return HTMLResponse(html, headers=headers)

    for path in PAGES:
        app.add_api_route(path, serve_page, methods=["GET", "HEAD"], include_in_schema=False)
    app.add_api_route(EMBEDDED_PAGE, serve_embedded, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", _ImmutableFiles(directory=build_folder / "assets", check_dir=False))
