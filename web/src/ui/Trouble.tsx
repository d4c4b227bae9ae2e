import { useState } from "react";
import { keepApiKey } from "../api/key";
import { Problem } from "../api/problem";
import { useMessages } from "../i18n/language";
import { useExplained } from "./states";

/** Why a change did not go through; where a key is missing, the place to give it. */
export function Trouble({ error, retry }: { error: unknown; retry: () => void }) {
  const explained = useExplained();
  if (!error) return null;
  if (error instanceof Problem && error.status === 401) return <KeyForm retry={retry} />;
  return (
    <p className="trouble" role="alert">
      {explained(error)}
    </p>
  );
}

function KeyForm({ retry }: { retry: () => void }) {
  const m = useMessages().shell;
  const [key, setKey] = useState("");
  return (
    <div className="trouble" role="alert">
      <strong>{m.keyTitle}</strong>
      <p>{m.keyWhy}</p>
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
          keepApiKey(key);
          retry();
        }}
      >
        {m.keyKeep}
      </button>
    </div>
  );
}
