import { useId, useLayoutEffect, useRef, type PointerEvent, type ReactNode } from "react";
import { useMessages } from "../i18n/language";
import { CloseIcon } from "./icons";

interface Props {
  open: boolean;
  onClose: () => void;
  title: string;
  /** Hide the head visually; screen readers still read the title. */
  bare?: boolean;
  className?: string;
  children: ReactNode;
}

/** A modal dialog: the browser's own, which keeps the focus inside, closes on Escape and gives the focus back. */
export function Modal({ open, ...rest }: Props) {
  return open ? <OpenModal {...rest} /> : null;
}

function OpenModal({ onClose, title, bare = false, className = "", children }: Omit<Props, "open">) {
  const m = useMessages().shell;
  const dialog = useRef<HTMLDialogElement>(null);
  const head = useId();
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    return () => element?.close(); // while it is in the document, so that the focus returns
  }, []);
  const onPointerDown = (event: PointerEvent) => {
    if (event.target === dialog.current && isOutside(event, dialog.current)) onClose();
  };
  return (
    <dialog
      ref={dialog}
      className={`dialog ${className}`}
      aria-labelledby={head}
      onPointerDown={onPointerDown}
      onCancel={(event) => {
        event.preventDefault(); // React removes it
        onClose();
      }}
    >
      <div className={bare ? "visually-hidden" : "dialog-head"}>
        <h2 id={head}>{title}</h2>
        {!bare && (
          <button type="button" className="button quiet icon-only small" aria-label={m.close} onClick={onClose}>
            <CloseIcon />
          </button>
        )}
      </div>
      <div className="dialog-body">{children}</div>
    </dialog>
  );
}

/** Whether a press is on the backdrop, which is part of the dialog for the browser. */
function isOutside({ clientX, clientY }: PointerEvent, dialog: HTMLElement): boolean {
  const { left, right, top, bottom } = dialog.getBoundingClientRect();
  return clientX < left || clientX > right || clientY < top || clientY > bottom;
}
