"""The HTTP API as one application, made of what it is given."""

from importlib.metadata import version

from fastapi import FastAPI

from api import problems
from api.body_limit import BodyLimit
from api.dependencies import Dependencies
from api.routes import analysis, jobs, page, service
from api.security import WRITER


def create_app(dependencies: Dependencies, *, service_only: bool = False) -> FastAPI:
    """The application; `service_only` leaves `/analyze`, `/results` and `/health`, which then ask for no key.

    It owns none of `dependencies`: whoever opened them closes them.
    """
    app = FastAPI(
        title="Strandline",
        version=version("strandline"),
        description="The price levels that markets keep turning at: read them, ask for them, follow them.",
        # Their pages load scripts from elsewhere; the document itself is at /openapi.json.
        docs_url=None,
        redoc_url=None,
        openapi_url=None if service_only else "/openapi.json",
    )
    app.state.dependencies = dependencies
    app.add_middleware(BodyLimit)
    problems.install(app)
    app.include_router(service.router)
    if service_only:
        app.include_router(service.asking)
        return app
    app.include_router(service.asking, dependencies=[WRITER])
    for router in (analysis.router, jobs.router, page.router):
        app.include_router(router)
    return app
