import { useState } from "react";
import { loadPreference, loadSwitch, savePreference } from "./preferences";

/** State that is kept in the browser. */
export function usePreference<T extends string>(name: string, allowed: readonly [T, ...T[]]): [T, (value: T) => void] {
  const [value, setValue] = useState<T>(() => loadPreference(name, allowed) ?? allowed[0]);
  const change = (next: T) => {
    savePreference(name, next);
    setValue(next);
  };
  return [value, change];
}

/** A switch that is kept in the browser. */
export function useSwitch(name: string, otherwise: boolean): [boolean, (on: boolean) => void] {
  const [on, setOn] = useState(() => loadSwitch(name, otherwise));
  const change = (next: boolean) => {
    savePreference(name, next ? "on" : "off");
    setOn(next);
  };
  return [on, change];
}
