"""Which page of a list is asked for, and how an answer says so. Pure."""

from dataclasses import dataclass

from api.http.parameters import MOST_PAGE_SIZE, PAGE_SIZE, clamped


@dataclass(frozen=True, slots=True)
class Paging:
    """`page` counts from 1, `size` is how many it has at most."""

    page: int
    size: int

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def of(self, total: int) -> dict[str, int]:
        """The fields of a page's answer, but for its data."""
        pages = -(-total // self.size)
        return {"total": total, "page": self.page, "pageSize": self.size, "totalPages": pages}


def paging(page: int | None, page_size: int | None) -> Paging:
    """What is left out or too small becomes the default, a size that is too large the largest."""
    return Paging(max(page or 1, 1), clamped(page_size, default=PAGE_SIZE, most=MOST_PAGE_SIZE))
