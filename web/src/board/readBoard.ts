/** Where the rows of the list and of the watchlist come from: the only place that changes with another source. */
import { get } from "../api/client";
import { BOARD_PAGE } from "./page";
import { toBoardRow, type BoardRow } from "./rows";

/** Read the newest analysis of every market. */
export async function readBoard(signal: AbortSignal): Promise<BoardRow[]> {
  const rows: BoardRow[] = [];
  let after: string | null | undefined = BOARD_PAGE.after;
  while (after != null) {
    const query: { after: string; pageSize: number } = { ...BOARD_PAGE, after };
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(query, signal);
    rows.push(...page.data.map(toBoardRow));
    after = page.next;
  }
  return rows;
}

function readPage(query: { after: string; pageSize: number }, signal: AbortSignal) {
  return get("/api/v1/analysis/results", { query, signal });
}
