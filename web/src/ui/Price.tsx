import { splitPrice } from "../format/price";

/** A price whose decimal point is aligned with those of its column: see `.price` in controls.css. */
export function Price({ value, decimals }: { value: number; decimals?: number }) {
  const [whole, fraction] = splitPrice(value, decimals);
  return (
    <span className="price">
      {whole}
      <span className="fraction">{fraction}</span>
    </span>
  );
}
