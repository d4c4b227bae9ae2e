import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { ErrorNotice } from "../ui/ErrorNotice";
import { Modal } from "../ui/Modal";
import { useToasts } from "../ui/toasts";
import type { Watch } from "./draft";
import { useDeleteWatch } from "./useWatches";

/** Asks for confirmation before a watch and its history are deleted; null closes the dialog. */
export function DeleteDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  const m = useMessages().watches;
  return (
    <Modal alert open={watch !== null} onClose={onClose} title={m.confirmTitle}>
      {watch && <Confirmation watch={watch} onClose={onClose} />}
    </Modal>
  );
}

function Confirmation({ watch, onClose }: { watch: Watch; onClose: () => void }) {
  const m = useMessages();
  const toasts = useToasts();
  const deletion = useDeleteWatch();
  const remove = () =>
    deletion.mutate(watch, {
      onSuccess: () => {
        toasts.add({ title: m.watches.deleted(watch.symbol) });
        onClose();
      },
    });
  return (
    <>
      <p className="quiet">{m.watches.confirmText(watch.symbol, formatPrice(watch.target))}</p>
      <ErrorNotice error={deletion.error} retry={remove} />
      <div className="dialog-foot">
        <button type="button" className="button" onClick={onClose}>
          {m.shell.cancel}
        </button>
        <button type="button" className="button danger" disabled={deletion.isPending} onClick={remove}>
          {m.watches.remove}
        </button>
      </div>
    </>
  );
}
