// Buttons that are drawings: each has a name for those who hear the page, and shows it when pointed at.

import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";

interface Props {
  icon: IconName;
  label: string;
  onClick(event: MouseEvent): void;
  pressed?: boolean;
  disabled?: boolean;
  tab?: number;
  children?: ComponentChildren;
}

export function IconButton({ icon, label, onClick, pressed, disabled, tab, children }: Props) {
  return (
    <button
      type="button"
      class="rs-icon-button"
      aria-label={label}
      title={label}
      aria-pressed={pressed}
      disabled={disabled}
      tabIndex={tab}
      onClick={onClick}
    >
      <Icon name={icon} />
      {children}
    </button>
  );
}
