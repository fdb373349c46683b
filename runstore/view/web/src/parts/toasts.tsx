// Short notices at the page's edge, read aloud as they come.

import { useApp } from "../state/app";
import { IconButton } from "./button";

export function Toasts() {
  const app = useApp();
  return (
    <div class="rs-toasts" role="status" aria-live="polite">
      {app.toasts.value.map((toast) => (
        <div key={toast.id} class={`rs-toast rs-toast-${toast.tone}`}>
          <span>{toast.text}</span>
          {toast.action && (
            <button
              type="button"
              class="rs-button"
              onClick={() => {
                toast.action?.run();
                app.untoast(toast.id);
              }}
            >
              {toast.action.label}
            </button>
          )}
          <IconButton icon="close" label="Close the notice" onClick={() => app.untoast(toast.id)} />
        </div>
      ))}
    </div>
  );
}
