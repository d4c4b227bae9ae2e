import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { post } from "../api/client";
import type { components } from "../api/schema";
import { useLanguage, useMessages } from "../i18n/language";
import { formatMoment } from "../format/time";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Modal } from "../ui/Modal";
import { useNow } from "../ui/useNow";
import { useSwitch } from "../ui/usePreference";
import { PushSwitch } from "../push/PushSwitch";
import { useTargets } from "../watches/useTargets";
import { NOTIFY_SWITCH, SOUND_SWITCH } from "./alertUser";
import { askPermission, readPermission } from "./notifications";
import { playSound } from "./sound";
import "./alerts.css";

type Target = components["schemas"]["NotificationTarget"];

/** A notifier reports its targets every ten seconds. */
const AWAY_AFTER_MS = 60_000;

/** How fires reach the user: in this browser, and at the targets of the notifier. */
export function AlertsDialog({ open, onClose }: { open: boolean; onClose: () => void }) {
  const m = useMessages().alerts;
  return (
    <Modal open={open} onClose={onClose} title={m.title} className="alerts">
      <BrowserAlerts />
      <TargetList />
    </Modal>
  );
}

function BrowserAlerts() {
  const m = useMessages().alerts;
  const [permission, setPermission] = useState(readPermission);
  const [notify, setNotify] = useSwitch(NOTIFY_SWITCH, true);
  const [sound, setSound] = useSwitch(SOUND_SWITCH, true);
  return (
    <section aria-labelledby="alerts-browser">
      <h3 id="alerts-browser">{m.browser}</h3>
      {permission === "default" && (
        <button type="button" className="button small" onClick={() => void askPermission().then(setPermission)} data-testid="allow-notifications">
          {m.allow}
        </button>
      )}
      {permission === "granted" && (
        <label className="check">
          <input type="checkbox" checked={notify} onChange={(event) => setNotify(event.currentTarget.checked)} />
          {m.notify}
        </label>
      )}
      {permission === "denied" && <p className="quiet small">{m.denied}</p>}
      {permission === "unsupported" && <p className="quiet small">{m.unsupported}</p>}
      <div className="alert-row">
        <label className="check">
          <input type="checkbox" checked={sound} onChange={(event) => setSound(event.currentTarget.checked)} />
          {m.sound}
        </label>
        <button type="button" className="button small" onClick={playSound}>
          {m.playSound}
        </button>
      </div>
      <PushSwitch />
    </section>
  );
}

function TargetList() {
  const m = useMessages().delivery;
  const targets = useTargets();
  const listed = targets.data?.data ?? [];
  return (
    <section aria-labelledby="alerts-targets">
      <h3 id="alerts-targets">{m.listTitle}</h3>
      <p className="quiet small">{targets.data && listed.length === 0 ? m.noTargets : m.listHint}</p>
      <ErrorNotice error={targets.error} retry={() => void targets.refetch()} />
      <ul className="targets">
        {listed.map((target) => (
          <TargetRow key={target.name} target={target} />
        ))}
      </ul>
    </section>
  );
}

function TargetRow({ target: { name, state, seen_at, delivered_at, error } }: { target: Target }) {
  const { messages, locale } = useLanguage();
  const m = messages.delivery;
  const now = useNow();
  const queries = useQueryClient();
  const test = useMutation({
    mutationFn: () => post("/api/v1/targets/{name}/test", undefined, { path: { name } }),
    onSettled: () => queries.invalidateQueries({ queryKey: ["targets"] }),
  });
  const away = now - Date.parse(seen_at) > AWAY_AFTER_MS;
  return (
    <li data-testid="target" data-name={name}>
      <div className="alert-row">
        <span>
          {name} <span className={`badge ${state === "ok" ? "badge-good" : "badge-bad"}`}>{m.states[state]}</span>
        </span>
        <button type="button" className="button small" disabled={test.isPending} onClick={() => test.mutate()} data-testid="test-target">
          {test.isPending ? m.testing : m.test}
        </button>
      </div>
      {away && <p className="error">{m.notifierAway}</p>}
      {delivered_at && (
        <p className="quiet small">
          {m.lastDelivered} {formatMoment(delivered_at, locale)}
        </p>
      )}
      {error && <p className="error">{error}</p>}
      {test.data && (
        <p role="status" className={test.data.delivered ? "quiet small" : "error"}>
          {test.data.delivered ? m.testDelivered(name) : `${m.testFailed(name)}: ${test.data.error ?? ""}`}
        </p>
      )}
      <ErrorNotice error={test.error} retry={() => test.mutate()} />
    </li>
  );
}
