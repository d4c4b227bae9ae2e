import { useState } from "react";
import { saveApiKey } from "../api/key";
import { Problem } from "../api/problem";
import { useMessages } from "../i18n/language";
import { useErrorText } from "./states";

/** The reason why a change failed; for a missing API key, a form to enter it. */
export function ErrorNotice({ error, retry }: { error: unknown; retry: () => void }) {
  const errorText = useErrorText();
  if (!error) return null;
  if (error instanceof Problem && error.status === 401) return <KeyForm retry={retry} />;
  return (
    <p className="error-notice" role="alert">
      {errorText(error)}
    </p>
  );
}

function KeyForm({ retry }: { retry: () => void }) {
  const m = useMessages().shell;
  const [key, setKey] = useState("");
  return (
    <div className="error-notice" role="alert">
      <strong>{m.keyTitle}</strong>
      <p>{m.keyHint}</p>
      <input
        className="input"
        type="password"
        autoComplete="off"
        aria-label={m.key}
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <button
        type="button"
        className="button small"
        onClick={() => {
          saveApiKey(key);
          retry();
        }}
      >
        {m.keySave}
      </button>
    </div>
  );
}
