"""The pages that people look at: the built web application, or one plain page where it was not built.

Its files carry a hash of their content in their names, and may be kept for ever; `index.html` names them, and is
asked for each time. The addresses of its pages are its own business: each of them is `index.html`.
"""

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

BUILT = Path(__file__).parent.parent / "static"
PLAIN = Path(__file__).parent.parent / "plain"
PAGES = ("/", "/chart", "/watches", "/pipeline")

# All of it is ours and lies in files, but for the styles that scripts set on single elements, which no policy touches.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
# The plain page brings its script and style along.
_PLAIN_POLICY = "default-src 'self'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:"


class _Kept(StaticFiles):
    """Files whose names change with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def install(app: FastAPI, built: Path = BUILT) -> None:
    """Serve the pages; `built` is where the web application's build is, if it was built."""

    async def page() -> FileResponse:
        # Looked at each time: it may be built while this process runs.
        index = built / "index.html"
        shown, policy = (index, _POLICY) if index.exists() else (PLAIN / "index.html", _PLAIN_POLICY)
        headers = {"Cache-Control": "no-cache", "Content-Security-Policy": policy}
        return FileResponse(shown, headers=headers)

    for path in PAGES:
        app.add_api_route(path, page, methods=["GET", "HEAD"], include_in_schema=False)
    app.mount("/assets", _Kept(directory=built / "assets", check_dir=False))
