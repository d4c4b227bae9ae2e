import evidence from "../../../docs/levels.md?url";
import { useMessages } from "../i18n/language";

/** Where the document has the measurement; browsers that do not know such fragments show its beginning. */
const PASSAGE = "#:~:text=timeframes%204%20and%2012%20times%20as%20long%20that%20see%20it";

/** What the mark of meeting zones means, and that it was measured to forecast nothing. */
export function ConfluenceNote() {
  const m = useMessages().chart.others;
  return (
    <p className="confluence-note quiet" data-testid="confluence-note">
      <b>{m.mark}</b> {m.note}{" "}
      <a href={`${evidence}${PASSAGE}`} target="_blank" rel="noreferrer">
        {m.measured}
      </a>
    </p>
  );
}
