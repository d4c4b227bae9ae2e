import type { Messages } from "../messages";

export const markets: Messages["markets"] = {
  switcher: "前往市场",
  search: "搜索市场",
  placeholder: "交易对，例如 BTC 或 ETHUSDT",
  recent: "最近",
  none: "这里的交易所没有这样的市场",
  hint: "方向键选择，回车打开图表",
  star: (symbol: string) => `${symbol} 的星标`,
  watchlist: "自选列表",
  show: "自选列表",
  previous: "上一个市场",
  next: "下一个市场",
  order: "排序",
  orders: { name: "名称", nearest: "最近价位", stars: "星标" },
  noStars: "还没有市场加星标。",
  empty: "还没有市场被分析过。",
  changeHint: "自 00:00 UTC 以来的涨跌",
  nearestHint: "到所有周期中最近价位的距离",
};
