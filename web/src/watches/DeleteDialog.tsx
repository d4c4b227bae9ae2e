import { AlertDialog } from "@base-ui/react/alert-dialog";
import { Toast } from "@base-ui/react/toast";
import { formatPrice } from "../format/price";
import { useMessages } from "../i18n/language";
import { ErrorNotice } from "../ui/ErrorNotice";
import type { Watch } from "./draft";
import { useDeleteWatch } from "./useWatches";

/** Asks for confirmation before a watch and its history are deleted; null closes the dialog. */
export function DeleteDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  return (
    <AlertDialog.Root open={watch !== null} onOpenChange={(open) => (open ? undefined : onClose())}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="backdrop" />
        <AlertDialog.Popup className="dialog">{watch && <Confirmation watch={watch} onClose={onClose} />}</AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function Confirmation({ watch, onClose }: { watch: Watch; onClose: () => void }) {
  const m = useMessages();
  const toasts = Toast.useToastManager();
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
      <div className="dialog-head">
        <AlertDialog.Title>{m.watches.confirmTitle}</AlertDialog.Title>
      </div>
      <div className="dialog-body">
        <AlertDialog.Description className="quiet">
          {m.watches.confirmText(watch.symbol, formatPrice(watch.target))}
        </AlertDialog.Description>
        <ErrorNotice error={deletion.error} retry={remove} />
        <div className="dialog-foot">
          <AlertDialog.Close className="button">{m.shell.cancel}</AlertDialog.Close>
          <button type="button" className="button danger" disabled={deletion.isPending} onClick={remove}>
            {m.watches.remove}
          </button>
        </div>
      </div>
    </>
  );
}
