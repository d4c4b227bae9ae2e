"""Errors as RFC 9457 problem documents."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class Problem(BaseModel):
    """An error as RFC 9457 describes it."""

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "no result has the id 99",
                    "error": "no result has the id 99",
                }
            ]
        },
    )

    type: Annotated[str, Field(description="Always `about:blank`: the status is the type.")]
    title: Annotated[str, Field(description="Name of the HTTP status.")]
    status: Annotated[int, Field(description="The HTTP status.")]
    detail: Annotated[str, Field(description="What is wrong, and what to do.")]
    error: Annotated[str, Field(description="The same as `detail`, for older clients.")]
    request_id: Annotated[str | None, Field(description="Id of the analysis request, if there was one.")] = (
        None
    )


def build_problem(status: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    """Return a problem document as JSON, without the fields that are None."""
    document = Problem(type="about:blank", status=status, title=title, detail=detail, error=detail, **more)
    return document.model_dump(mode="json", exclude_none=True)
