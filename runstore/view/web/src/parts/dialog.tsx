// What lies over the whole page: it holds the focus while it is open and gives it back.

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";

interface Props {
  label: string;
  kind: string;
  onClose(): void;
  children: ComponentChildren;
}

export function Dialog({ label, kind, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const [shown, before] = [dialog.current, document.activeElement as HTMLElement | null];
    shown?.showModal();
    return () => {
      shown?.close(); // until then nothing below it takes the focus
      before?.focus?.();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class={`rs-dialog rs-${kind}`}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => event.target === dialog.current && onClose()}
    >
      {children}
    </dialog>
  );
}
