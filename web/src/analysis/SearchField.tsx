import { useEffect, useState } from "react";
import { useMessages } from "../i18n/language";
import { SearchIcon } from "../ui/icons";

/** Typing is let come to rest before the server is asked; in ms. */
const REST = 250;

interface Props {
  value: string;
  onSearch: (words: string) => void;
}

export function SearchField({ value, onSearch }: Props) {
  const m = useMessages().analysis;
  const [words, setWords] = useState(value);
  const [known, setKnown] = useState(value);
  if (value !== known) {
    // Changed from elsewhere: the browser's back button, or "clear".
    setKnown(value);
    setWords(value);
  }
  useEffect(() => {
    if (words === value) return;
    const timer = setTimeout(() => onSearch(words), REST);
    return () => clearTimeout(timer);
  }, [words, value, onSearch]);
  return (
    <div className="search">
      <SearchIcon />
      <input
        type="search"
        className="input"
        aria-label={m.search}
        placeholder={m.searchPlaceholder}
        maxLength={100}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        data-testid="search"
      />
    </div>
  );
}
