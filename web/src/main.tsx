import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/index.css";
import { loadLanguage } from "./i18n/language";
import { preferredLanguage } from "./i18n/preferredLanguage";
import { App } from "./shell/App";
import { preloadPage } from "./shell/pages";

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
preloadPage(window.location.pathname);
const language = await loadLanguage(preferredLanguage());
createRoot(root).render(
  <StrictMode>
    <App language={language} />
  </StrictMode>,
);
