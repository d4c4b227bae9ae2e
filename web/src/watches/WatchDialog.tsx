import { Toast } from "@base-ui/react/toast";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { patch, post } from "../api/client";
import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { Modal } from "../ui/Modal";
import { attempt, type Attempt } from "./attempt";
import { draftFor, draftOf, patchOf, type Draft, type Watch, type WatchSubject } from "./draft";
import { WatchForm } from "./WatchForm";

interface Props {
  /** What to watch; null: the dialog is closed. */
  subject: WatchSubject | null;
  onClose: () => void;
}

/** Makes a watch on a level or a price. Both the chart and the list of watches open it. */
export function WatchDialog({ subject, onClose }: Props) {
  const m = useMessages().watches;
  return (
    <Modal open={subject !== null} onClose={onClose} title={subject ? m.newAt(subject.symbol) : ""}>
      {subject && <NewWatch subject={subject} onClose={onClose} />}
    </Modal>
  );
}

/** Changes a watch; null: the dialog is closed. */
export function EditWatchDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  const m = useMessages().watches;
  return (
    <Modal open={watch !== null} onClose={onClose} title={watch ? m.edit(watch.symbol) : ""}>
      {watch && <ChangedWatch watch={watch} onClose={onClose} />}
    </Modal>
  );
}

function NewWatch({ subject, onClose }: { subject: WatchSubject; onClose: () => void }) {
  const m = useMessages().watches;
  const [last, setLast] = useState<Attempt | null>(null);
  const saved = useSaved(onClose, (watch) => m.made(watch.symbol, formatPrice(watch.target)));
  const saving = useMutation({
    mutationFn: (draft: Draft) => {
      const next = attempt(draft, subject, last, Date.now());
      if (!next) throw new Error(m.targetWrong);
      setLast(next);
      return post("/api/v1/watches", next.body);
    },
    onSuccess: saved,
  });
  const why = subject.level ? (subject.level.side === "support" ? m.atSupport : m.atResistance) : m.atPrice;
  return (
    <WatchForm
      initial={draftFor(subject)}
      bound={subject.level !== undefined}
      isNew
      why={why}
      action={m.create}
      saving={saving}
      onCancel={onClose}
    />
  );
}

function ChangedWatch({ watch, onClose }: { watch: Watch; onClose: () => void }) {
  const m = useMessages().watches;
  const saved = useSaved(onClose, () => m.changed(watch.symbol));
  const saving = useMutation({
    mutationFn: (draft: Draft) => {
      const change = patchOf(draft, watch, Date.now());
      if (!change) throw new Error(m.targetWrong);
      return patch("/api/v1/watches/{watch_id}", change, { path: { watch_id: watch.id } });
    },
    onSuccess: saved,
  });
  return (
    <WatchForm
      initial={draftOf(watch)}
      bound={watch.level_id !== null && watch.on_move === "follow"}
      expiresAt={watch.expires_at}
      action={m.save}
      saving={saving}
      onCancel={onClose}
    />
  );
}

function useSaved(onClose: () => void, said: (watch: Watch) => string) {
  const toasts = Toast.useToastManager();
  const queries = useQueryClient();
  return ({ data: watch }: { data: Watch }) => {
    void queries.invalidateQueries({ queryKey: ["watches"] });
    toasts.add({ title: said(watch), type: watch.side });
    onClose();
  };
}
