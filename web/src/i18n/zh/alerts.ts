import type { Messages } from "../messages";

export const alerts: Messages["alerts"] = {
  title: "提醒",
  browser: "本浏览器",
  allow: "允许通知",
  notify: "页面在后台时显示通知",
  denied: "浏览器不允许此页面发送通知，可在浏览器的网站设置中修改。",
  unsupported: "浏览器只允许 HTTPS 或 localhost 的页面显示通知。",
  sound: "播放提示音",
  playSound: "试听",
  openTab: "需要有一个页面开着，在前台或后台均可。否则请使用通知器的目标。",
  push: "没有打开页面时也通知我",
  pushFailed: "浏览器订阅失败：",
  ask: "在本浏览器中通知我",
};
