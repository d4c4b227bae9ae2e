import { useState } from "react";
import { saveApiKey } from "../api/key";
import { Problem } from "../api/problem";
import { useMessages } from "../i18n/language";

export function isKeyMissing(error: unknown): boolean {
  return error instanceof Problem && error.status === 401;
}

/** Asks for the API key that a call needs. */
export function KeyForm({ retry }: { retry?: (() => void) | undefined }) {
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
          retry?.();
        }}
      >
        {m.keySave}
      </button>
    </div>
  );
}
