import { Link } from "../router/components";
import { useMessages } from "../i18n/language";
import { Empty } from "../ui/states";

export function NotFoundPage() {
  const m = useMessages().shell;
  return (
    <Empty title={m.notFound} why={m.notFoundHint}>
      <Link className="button primary" to="/">
        {m.toAnalysis}
      </Link>
    </Empty>
  );
}
