import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { askPermission } from "../alerts/notifications";
import { useMessages } from "../i18n/language";
import { isPushSupported, isSubscribed, readPublicKey, subscribe, unsubscribe } from "./subscription";

/** Notifications while no page is open, where the server has keys for Web Push and the browser can. */
export function PushSwitch() {
  const m = useMessages().alerts;
  const queries = useQueryClient();
  const key = useQuery({ queryKey: ["push-key"], queryFn: ({ signal }) => readPublicKey(signal), enabled: isPushSupported() });
  const on = useQuery({ queryKey: ["push"], queryFn: isSubscribed, enabled: isPushSupported() });
  const change = useMutation({
    mutationFn: async (next: boolean) => {
      if (!next) await unsubscribe();
      else if ((await askPermission()) === "granted" && key.data) await subscribe(key.data);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["push"] }),
  });
  if (!key.data) return <p className="quiet small">{m.openTab}</p>;
  return (
    <>
      <label className="check">
        <input
          type="checkbox"
          checked={on.data ?? false}
          disabled={change.isPending || on.isPending}
          onChange={(event) => change.mutate(event.currentTarget.checked)}
          data-testid="push"
        />
        {m.push}
      </label>
      {change.error && (
        <p className="error" role="alert">
          {m.pushFailed} {change.error.message}
        </p>
      )}
    </>
  );
}
