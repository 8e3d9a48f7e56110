/** A menu under a button (Radix: arrow keys, type-ahead, Escape). */

import * as Radix from "@radix-ui/react-dropdown-menu";
import type { ReactNode } from "react";

import { readingDirection } from "./direction";
import style from "./overlay.module.css";

export function Menu({ trigger, children }: { trigger: ReactNode; children: ReactNode }) {
  return (
    <Radix.Root modal={false} dir={readingDirection()}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className={style.menu} sideOffset={6} collisionPadding={8}>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

export function MenuItem({ onSelect, danger, children }: { onSelect: () => void; danger?: boolean; children: ReactNode }) {
  return (
    <Radix.Item className={`${style.item} ${danger ? style.itemDanger : ""}`} onSelect={onSelect}>
      {children}
    </Radix.Item>
  );
}
