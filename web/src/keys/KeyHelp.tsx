import { Fragment } from "react";
import { useMessages } from "../i18n/language";
import { Modal } from "../ui/Modal";
import "./keys.css";
import { useShortcuts, type ShortcutGroup } from "./shortcuts";

const GROUPS: readonly ShortcutGroup[] = ["everywhere", "markets", "chart"];

/** The keys of the page that is shown. */
export default function KeyHelp({ onClose }: { onClose: () => void }) {
  const m = useMessages().keys;
  const shortcuts = useShortcuts();
  return (
    <Modal open onClose={onClose} title={m.title} className="key-help">
      <p className="quiet">{m.typing}</p>
      {GROUPS.map((group) => {
        const some = shortcuts.filter((one) => one.group === group);
        if (some.length === 0) return null;
        return (
          <section key={group}>
            <h3>{m.groups[group]}</h3>
            <dl>
              {some.map(({ combos, label }) => (
                <div key={label}>
                  <dt>
                    {combos.map((combo, index) => (
                      <Fragment key={combo}>
                        {index > 0 && ` ${m.or} `}
                        <Combo name={combo} />
                      </Fragment>
                    ))}
                  </dt>
                  <dd>{label}</dd>
                </div>
              ))}
            </dl>
          </section>
        );
      })}
    </Modal>
  );
}

function Combo({ name }: { name: string }) {
  return name.split("+").map((key) => <kbd key={key}>{key}</kbd>);
}
