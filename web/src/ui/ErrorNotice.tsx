import { isKeyMissing, KeyForm } from "./KeyForm";
import { useErrorText } from "./states";

/** The reason why a change failed; for a missing API key, a form to enter it. */
export function ErrorNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const errorText = useErrorText();
  if (!error) return null;
  if (isKeyMissing(error)) return <KeyForm retry={retry} />;
  return (
    <p className="error-notice" role="alert">
      {errorText(error)}
    </p>
  );
}
