/**
 * The script in the page's head (see ../../bootPage.ts): sets what the first paint depends on, and asks for the files and
 * the data of the first view at once, not one after another as the application gets to them.
 */
import { isEmbedded } from "../embed/address";
import { preferredLanguage } from "../i18n/preferredLanguage";
import { LOCALES } from "../i18n/messages";
import { chooseTheme } from "../ui/chooseTheme";
import { askEarly } from "./early";
import { planCalls, type EarlyCall } from "./plan";

/** The built files of each page and language; the build fills them in. */
declare const PAGE_FILES: Record<string, string[] | undefined>;
declare const LANGUAGE_FILES: Record<string, string[] | undefined>;

const language = preferredLanguage();
document.documentElement.lang = LOCALES[language];
document.documentElement.dataset["theme"] = chooseTheme();
if (isEmbedded()) document.documentElement.dataset["embedded"] = "";
for (const file of [...(PAGE_FILES[location.pathname] ?? []), ...(LANGUAGE_FILES[language] ?? [])]) preloadFile(file);
for (const call of planCalls(location)) void follow(call);

function preloadFile(file: string): void {
  const link = document.createElement("link");
  const style = file.endsWith(".css");
  link.rel = style ? "preload" : "modulepreload";
  if (style) link.as = "style";
  link.crossOrigin = "";
  link.href = file;
  document.head.append(link);
}

async function follow({ url, next }: EarlyCall): Promise<void> {
  try {
    const response = await askEarly(url);
    const after = next && response.ok ? next(await response.clone().json()) : null;
    if (after !== null) void askEarly(after);
  } catch {
    // Reported where the answer is used.
  }
}
