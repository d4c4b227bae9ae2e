/** The query of the first page of the board: the newest analysis of every market, by id. */
export const BOARD_PAGE = { after: "0", pageSize: 500 };
