import { useEffect, useState } from "react";
import { useMessages } from "../i18n/language";
import { SearchIcon } from "../ui/icons";

/** The search starts when nothing was typed for this time. */
const DEBOUNCE_MS = 250;

interface Props {
  value: string;
  onSearch: (query: string) => void;
}

export function SearchField({ value, onSearch }: Props) {
  const m = useMessages().analysis;
  const [query, setQuery] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    // Changed outside this field: by the browser's back button or by "clear".
    setKnown(value);
    setQuery(value);
  }
  useEffect(() => {
    if (query === value) return;
    const timer = setTimeout(() => onSearch(query), DEBOUNCE_MS);
    return () => clearTimeout(timer);
  }, [query, value, onSearch]);
  return (
    <div className="search">
      <SearchIcon />
      <input
        type="search"
        className="input"
        aria-label={m.search}
        placeholder={m.searchPlaceholder}
        maxLength={100}
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        data-testid="search"
      />
    </div>
  );
}
