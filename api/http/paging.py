"""Page numbers and sizes of lists. Pure."""

from dataclasses import dataclass

from api.http.parameters import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE, clamp


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page of a list: its `number`, counted from 1, and the largest number of items on it."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def to_fields(self, total: int) -> dict[str, int]:
        """Return the fields of a `Page` without its data, for a list of `total` items."""
        pages = -(-total // self.size)
        return {"total": total, "page": self.number, "pageSize": self.size, "totalPages": pages}


def parse_page(page: int | None, page_size: int | None) -> PageRequest:
    """Return the page; absent or too small values become the default, too large sizes the maximum."""
    return PageRequest(max(page or 1, 1), clamp(page_size, default=DEFAULT_PAGE_SIZE, maximum=MAX_PAGE_SIZE))
