import { useMessages } from "../i18n/language";

interface Props {
  label: string;
  page: number;
  pages: number;
  onTurn: (page: number) => void;
}

export function Pager({ label, page, pages, onTurn }: Props) {
  const m = useMessages();
  if (pages <= 1) return null;
  return (
    <nav className="pager" aria-label={label}>
      <button type="button" className="button small" disabled={page <= 1} onClick={() => onTurn(page - 1)}>
        {m.common.previous}
      </button>
      <span className="quiet number" aria-live="polite">
        {m.analysis.pageOf(page, pages)}
      </span>
      <button type="button" className="button small" disabled={page >= pages} onClick={() => onTurn(page + 1)}>
        {m.common.next}
      </button>
    </nav>
  );
}
