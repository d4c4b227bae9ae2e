/** Placeholders: content that is loading, empty or failed to load. */
import type { ReactNode } from "react";
import { Problem } from "../api/problem";
import { useMessages } from "../i18n/language";
import { isKeyMissing, KeyForm } from "./KeyForm";

export function Loading() {
  const m = useMessages().shell;
  return (
    <div className="state" role="status">
      <span className="tide" aria-hidden="true" />
      <span className="quiet">{m.loading} …</span>
    </div>
  );
}

export function Empty({ title, why, children }: { title: string; why?: ReactNode; children?: ReactNode }) {
  return (
    <div className="state">
      <span className="tide still" aria-hidden="true" />
      <h2>{title}</h2>
      {why !== undefined && <p className="quiet">{why}</p>}
      {children}
    </div>
  );
}

interface FailureProps {
  error: unknown;
  retry?: () => void;
  /** Other ways on, such as links. */
  children?: ReactNode;
}

/** Why something did not load; for a missing API key, a form to enter it. */
export function Failure({ error, retry, children }: FailureProps) {
  const m = useMessages();
  const text = useErrorText()(error);
  if (isKeyMissing(error)) return <KeyForm retry={retry} />;
  return (
    <div className="state failure" role="alert">
      <h2>{m.common.failedToLoad}</h2>
      <p className="quiet">{text}</p>
      {retry && (
        <button type="button" className="button" onClick={retry}>
          {m.shell.retry}
        </button>
      )}
      {children}
    </div>
  );
}

/** A function that turns an error into a text for the page: the API's own message where there is one. */
export function useErrorText(): (error: unknown) => string {
  const m = useMessages().common;
  return (error) => {
    if (!(error instanceof Problem)) return error instanceof Error ? error.message : String(error);
    if (error.isUnreachable) return m.unreachable;
    return error.message || m.unavailable;
  };
}
