import type { Messages } from "../messages";

export const keys: Messages["keys"] = {
  title: "快捷键",
  typing: "在任何位置输入字母即可搜索市场；Shift 加字母是命令。",
  or: "或",
  groups: { everywhere: "所有页面", markets: "市场", chart: "图表" },
  help: "显示快捷键",
  switcher: "前往市场",
  theme: "切换深色或浅色主题",
  language: "切换中文或英文",
};
