import { serverNow } from "../api/serverClock";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { askPermission, readPermission } from "../alerts/notifications";
import { patch, post } from "../api/client";
import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import type { Messages } from "../i18n/messages";
import { Modal } from "../ui/Modal";
import { useToasts } from "../ui/toasts";
import { nextAttempt, type Attempt } from "./attempt";
import { copyDraft, newDraft, editDraft, buildPatch, toSubject, type Draft, type Watch, type WatchSubject } from "./draft";
import { showSaved } from "./useWatches";
import { WatchForm } from "./WatchForm";

interface Props {
  /** What to watch; null closes the dialog. */
  subject: WatchSubject | null;
  onClose: () => void;
}

/** Creates a watch on a level or a price. */
export function WatchDialog({ subject, onClose }: Props) {
  const m = useMessages().watches;
  return (
    <Modal open={subject !== null} onClose={onClose} title={subject ? m.newAt(subject.symbol) : ""}>
      {subject && <NewWatch subject={subject} onClose={onClose} />}
    </Modal>
  );
}

/** Creates a watch like another one; null closes the dialog. */
export function DuplicateWatchDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  const m = useMessages().watches;
  return (
    <Modal open={watch !== null} onClose={onClose} title={watch ? m.newAt(watch.symbol) : ""}>
      {watch && <NewWatch subject={toSubject(watch)} initial={copyDraft(watch)} onClose={onClose} />}
    </Modal>
  );
}

/** Edits a watch; null closes the dialog. */
export function EditWatchDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  const m = useMessages().watches;
  return (
    <Modal open={watch !== null} onClose={onClose} title={watch ? m.edit(watch.symbol) : ""}>
      {watch && <EditWatch watch={watch} onClose={onClose} />}
    </Modal>
  );
}

interface NewProps {
  subject: WatchSubject;
  initial?: Draft;
  onClose: () => void;
}

/** The form of a new watch. */
export function NewWatch({ subject, initial = newDraft(subject), onClose }: NewProps) {
  const m = useMessages().watches;
  const [last, setLast] = useState<Attempt | null>(null);
  const onSaved = useSaveHandler(onClose, (watch) => m.created(watch.symbol, formatPrice(watch.target)));
  const saving = useMutation({
    mutationFn: (draft: Draft) => {
      const next = nextAttempt(draft, subject, last, serverNow());
      if (!next) throw new Error(m.targetInvalid);
      setLast(next);
      return post("/api/v1/watches", next.body);
    },
    onSuccess: onSaved,
  });
  const why = subject.level ? (subject.level.side === "support" ? m.atSupport : m.atResistance) : m.atPrice;
  return (
    <WatchForm
      initial={initial}
      bound={subject.level !== undefined}
      isNew
      last={subject.lastPrice ?? null}
      why={why}
      action={m.create}
      saving={saving}
      onCancel={onClose}
    />
  );
}

function EditWatch({ watch, onClose }: { watch: Watch; onClose: () => void }) {
  const m = useMessages().watches;
  const onSaved = useSaveHandler(onClose, (saved) => describeChange(m, watch, saved));
  const saving = useMutation({
    mutationFn: (draft: Draft) => {
      const change = buildPatch(draft, watch, serverNow());
      if (!change) throw new Error(m.targetInvalid);
      return patch("/api/v1/watches/{watch_id}", change, { path: { watch_id: watch.id } });
    },
    onSuccess: onSaved,
  });
  return (
    <WatchForm
      initial={editDraft(watch)}
      bound={watch.level_id !== null && watch.on_move === "follow"}
      expiresAt={watch.expires_at}
      last={watch.last_price}
      action={m.save}
      saving={saving}
      onCancel={onClose}
    />
  );
}

/** Say what the change did: one of a watch that ended arms it again, or leaves it ended. */
function describeChange(m: Messages["watches"], before: Watch, saved: Watch): string {
  if (saved.state === "active") return before.state === "active" ? m.changed(saved.symbol) : m.rearmed(saved.symbol);
  return m.changedAtRest(saved.symbol, m.states[saved.state]);
}

/** Offer notifications of the browser with the first watch, and while the question was not answered. */
function offerNotifications(label: string) {
  return readPermission() === "default" ? { action: { label, onClick: () => void askPermission() }, timeout: 15_000 } : {};
}

function useSaveHandler(onClose: () => void, message: (watch: Watch) => string) {
  const toasts = useToasts();
  const queries = useQueryClient();
  const m = useMessages().alerts;
  return ({ data: watch }: { data: Watch }) => {
    showSaved(queries, watch);
    toasts.add({ title: message(watch), type: watch.side, ...offerNotifications(m.ask) });
    onClose();
  };
}
