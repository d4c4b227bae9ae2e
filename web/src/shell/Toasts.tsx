import { useEffect, useEffectEvent, useState, type ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { CloseIcon } from "../ui/icons";
import { createToastQueue, ToastContext, type ToastItem } from "../ui/toasts";
import { usePageVisible } from "../ui/usePageVisible";

const DEFAULT_TIMEOUT_MS = 5_000;
/** More wait until one of these is gone. */
const MAX_SHOWN = 4;

/** Notifications in the corner. Any component below adds one by `useToasts().add({...})`. */
export function Toasts({ children }: { children: ReactNode }) {
  const m = useMessages().shell;
  const [toasts, setToasts] = useState<readonly ToastItem[]>([]);
  const [held, setHeld] = useState(false);
  const [queue] = useState(() => createToastQueue(setToasts));
  const visible = usePageVisible(); // a notification must not end unseen
  return (
    <ToastContext value={queue}>
      {children}
      <section
        className="toasts"
        aria-label={m.notifications}
        aria-live="polite"
        onPointerEnter={() => setHeld(true)}
        onPointerLeave={() => setHeld(false)}
        onFocus={() => setHeld(true)}
        onBlur={() => setHeld(false)}
      >
        {toasts.slice(0, MAX_SHOWN).map((toast) => (
          <Toast key={toast.id} toast={toast} held={held || !visible} onClose={() => queue.close(toast.id)} />
        ))}
      </section>
    </ToastContext>
  );
}

function Toast({ toast, held, onClose }: { toast: ToastItem; held: boolean; onClose: () => void }) {
  const m = useMessages().shell;
  const { title, description, type, timeout = DEFAULT_TIMEOUT_MS, action } = toast;
  const close = useEffectEvent(onClose);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => close(), timeout);
    return () => clearTimeout(timer);
  }, [held, timeout]);
  return (
    <div className="toast" data-testid="toast" data-type={type}>
      <div className="toast-content">
        <p className="toast-title">{title}</p>
        {description !== undefined && <p className="toast-text">{description}</p>}
        {action && (
          <button
            type="button"
            className="button small"
            onClick={() => {
              action.onClick();
              onClose();
            }}
          >
            {action.label}
          </button>
        )}
      </div>
      <button type="button" className="button quiet icon-only small" aria-label={m.dismiss} onClick={onClose}>
        <CloseIcon />
      </button>
    </div>
  );
}
