import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Toast } from "@base-ui/react/toast";
import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { Trouble } from "../ui/Trouble";
import type { Watch } from "./draft";
import { useRemoval } from "./useWatches";

/** Asks before a watch is deleted with its history; null: the dialog is closed. */
export function DeleteDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  return (
    <AlertDialog.Root open={watch !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">{watch && <Question watch={watch} onClose={onClose} />}</AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Question({ watch, onClose }: { watch: Watch; onClose: () => void }) {
  const m = useMessages();
  const toasts = Toast.useToastManager();
  const removal = useRemoval();
  const remove = () =>
    removal.mutate(watch, {
      onSuccess: () => {
        toasts.add({ title: m.watches.deleted(watch.symbol) });
        onClose();
      },
    });
  return (
    <>
      <div className="dialog-head">
        <AlertDialog.Title>{m.watches.sureTitle}</AlertDialog.Title>
      </div>
      <div className="dialog-body">
        <AlertDialog.Description className="quiet">
          {m.watches.sureWhy(watch.symbol, formatPrice(watch.target))}
        </AlertDialog.Description>
        <Trouble error={removal.error} retry={remove} />
        <div className="dialog-foot">
          <AlertDialog.Close className="button">{m.shell.cancel}</AlertDialog.Close>
          <button type="button" className="button danger" disabled={removal.isPending} onClick={remove}>
            {m.watches.remove}
          </button>
        </div>
      </div>
    </>
  );
}
