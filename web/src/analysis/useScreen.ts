import { useMemo } from "react";
import { useBoard } from "../board/useBoard";
import { priceKey } from "../format/market";
import { useLatestPrices } from "../stream/StreamProvider";
import { useNow } from "../ui/useNow";
import type { Filters } from "./filters";
import { screenRows } from "./screen";

/** Rows are selected and ordered again after this time; their numbers follow each price. */
const SCREEN_S = 5;

/** The rows of the list that pass the filters, in their order. */
export function useScreen(filters: Filters) {
  const { data: rows, error, refetch } = useBoard();
  const prices = useLatestPrices();
  const now = useNow(SCREEN_S);
  const screened = useMemo(
    () => rows && screenRows(rows, filters, (row) => prices.get(priceKey(row))?.price ?? row.last_price),
    // eslint-disable-next-line react-hooks/exhaustive-deps -- screened again as time passes
    [rows, filters, prices, now],
  );
  return { rows: screened, total: rows?.length, error, retry: () => void refetch() };
}
