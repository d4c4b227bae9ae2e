export const alerts = {
  title: "Alerts",
  browser: "In this browser",
  allow: "Allow notifications",
  notify: "Show a notification while the page is in the background",
  denied: "This browser does not allow notifications of this page. Its settings of the page change that.",
  unsupported: "This browser shows notifications only to pages with HTTPS or on localhost.",
  sound: "Play a sound",
  playSound: "Play it",
  openTab: "A page must be open, in the background or not. Otherwise the targets of the notifier are the way.",
  push: "Notify me while no page is open as well",
  pushFailed: "This browser could not subscribe:",
  ask: "Notify me in this browser",
};
