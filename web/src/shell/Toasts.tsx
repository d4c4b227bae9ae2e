import { Toast } from "@base-ui/react/toast";
import type { ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { CloseIcon } from "../ui/icons";

/** Notifications in the corner. Any component below adds one by `Toast.useToastManager().add({...})`. */
export function Toasts({ children }: { children: ReactNode }) {
  const m = useMessages().shell;
  return (
    <Toast.Provider limit={4}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="toasts" aria-label={m.notifications}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List() {
  const m = useMessages().shell;
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" data-testid="toast">
      <Toast.Content className="toast-content">
        <Toast.Title className="toast-title" />
        <Toast.Description className="toast-text" />
        <Toast.Action className="button small" />
      </Toast.Content>
      <Toast.Close className="button quiet icon-only small" aria-label={m.dismiss}>
        <CloseIcon />
      </Toast.Close>
    </Toast.Root>
  ));
}
