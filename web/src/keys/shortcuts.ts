/** The keys of what is shown at present. A component adds its own while it is mounted. */
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export type ShortcutGroup = "everywhere" | "markets" | "chart";

export interface Shortcut {
  /** As `nameCombo` names it; the first is shown. */
  combos: readonly [string, ...string[]];
  group: ShortcutGroup;
  label: string;
}

interface Registered extends Shortcut {
  run: () => void;
}

let registered: readonly Registered[] = [];
const listeners = new Set<() => void>();

function update(next: readonly Registered[]): void {
  registered = next;
  for (const listener of listeners) listener();
}

/** Offer a key while the component is mounted; without `run` it does nothing at present. */
export function useShortcut({ combos, group, label }: Shortcut, run: (() => void) | null): void {
  const act = useEffectEvent(() => run?.());
  const enabled = run !== null;
  const keys = combos.join(" ");
  useEffect(() => {
    if (!enabled) return;
    const shortcut: Registered = { combos: keys.split(" ") as [string], group, label, run: () => act() };
    update([...registered, shortcut]);
    return () => update(registered.filter((one) => one !== shortcut));
  }, [keys, group, label, enabled]);
}

/** All keys that are offered at present. */
export function useShortcuts(): readonly Shortcut[] {
  return useSyncExternalStore(subscribe, () => registered);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Run the shortcut of a combination; the one that was added last wins. Returns whether there was one. */
export function runShortcut(combo: string): boolean {
  const found = registered.findLast(({ combos }) => combos.includes(combo));
  found?.run();
  return found !== undefined;
}
