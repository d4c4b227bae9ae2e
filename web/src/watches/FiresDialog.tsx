import { decimalsOf } from "../format/price";
import { formatMoment } from "../format/time";
import { useLanguage, useMessages } from "../i18n/language";
import { Modal } from "../ui/Modal";
import { Price } from "../ui/Price";
import { Empty, Failure, Loading } from "../ui/states";
import type { Watch } from "./draft";
import { LateBadge } from "./LateBadge";
import { useFires } from "./useWatches";

/** The times and prices at which a watch fired; null closes the dialog. */
export function FiresDialog({ watch, onClose }: { watch: Watch | null; onClose: () => void }) {
  const m = useMessages().watches;
  return (
    <Modal open={watch !== null} onClose={onClose} title={watch ? m.historyOf(watch.symbol) : ""}>
      {watch && <Fires watch={watch} />}
    </Modal>
  );
}

function Fires({ watch }: { watch: Watch }) {
  const { messages: m, locale } = useLanguage();
  const fires = useFires(watch.id);
  if (fires.error) return <Failure error={fires.error} retry={() => void fires.refetch()} />;
  if (!fires.data) return <Loading />;
  if (fires.data.data.length === 0) return <Empty title={m.watches.noHistory} />;
  const decimals = decimalsOf(watch.target);
  return (
    <table className="grid">
      <thead>
        <tr>
          <th scope="col">{m.watches.lastFired}</th>
          <th scope="col" className="right">
            {m.watches.target}
          </th>
          <th scope="col" className="right">
            {m.watches.now}
          </th>
        </tr>
      </thead>
      <tbody>
        {fires.data.data.map((fire) => (
          <tr key={fire.fire_id} data-testid="fire">
            <td>
              {formatMoment(fire.at, locale)} {fire.late && <LateBadge />}
            </td>
            <td className="right">
              <Price value={fire.target} decimals={decimals} />
            </td>
            <td className="right">
              <Price value={fire.price} decimals={decimals} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
