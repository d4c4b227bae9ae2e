/** Notifications as values, and the hook that adds one. */
import { createContext, use } from "react";

export interface ToastContent {
  title: string;
  description?: string;
  /** Colour: `long` as a support, `short` and `error` as a resistance. */
  type?: "long" | "short" | "error";
  /** ms; counted while the page is visible and the pointer elsewhere. */
  timeout?: number;
  action?: { label: string; onClick: () => void };
}

export interface ToastItem extends ToastContent {
  id: string;
}

export interface ToastQueue {
  /** Show a notification; one with the same id is replaced. */
  add: (toast: ToastContent & { id?: string }) => void;
  close: (id: string) => void;
}

export const ToastContext = createContext<ToastQueue | null>(null);

/** A function that shows a notification, and one that removes it. */
export function useToasts(): ToastQueue {
  const queue = use(ToastContext);
  if (!queue) throw new Error("useToasts needs Toasts above it");
  return queue;
}

/** Create a queue over a state's setter. */
export function createToastQueue(update: (change: (toasts: readonly ToastItem[]) => readonly ToastItem[]) => void): ToastQueue {
  let count = 0;
  return {
    add(toast) {
      const id = toast.id ?? `toast-${(count += 1)}`;
      update((known) => putToast(known, { ...toast, id }));
    },
    close: (id) => update((known) => known.filter((one) => one.id !== id)),
  };
}

/** Put a notification last; one with the same id is replaced in its place. */
export function putToast(toasts: readonly ToastItem[], added: ToastItem): ToastItem[] {
  const known = toasts.some(({ id }) => id === added.id);
  return known ? toasts.map((one) => (one.id === added.id ? added : one)) : [...toasts, added];
}
