import type { Column, Filters } from "./filters";

interface Props {
  column: Column;
  label: string;
  title?: string;
  className?: string;
  filters: Filters;
  onSort: (column: Column) => void;
}

/** The head of a column, which orders the rows by it. */
export function SortHeader({ column, label, title, className, filters, onSort }: Props) {
  const sorted = filters.sort === column;
  const arrow = filters.descending ? "↓" : "↑";
  return (
    <th scope="col" className={className} title={title} aria-sort={sorted ? (filters.descending ? "descending" : "ascending") : "none"}>
      <button type="button" className="sort" onClick={() => onSort(column)} data-testid={`sort-${column}`}>
        {label}
        <span aria-hidden="true">{sorted ? arrow : ""}</span>
      </button>
    </th>
  );
}
