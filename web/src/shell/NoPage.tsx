import { Link } from "react-router";
import { useMessages } from "../i18n/language";
import { Empty } from "../ui/states";

export function NoPage() {
  const m = useMessages().shell;
  return (
    <Empty title={m.noPage} why={m.noPageWhy}>
      <Link className="button primary" to="/">
        {m.toAnalysis}
      </Link>
    </Empty>
  );
}
