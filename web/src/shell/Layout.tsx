import { Suspense } from "react";
import { ErrorBoundary, Link, NavLink } from "../router/components";
import { usePathname } from "../router/hooks";
import { useMessages } from "../i18n/language";
import { Keys, useKeyDialogs } from "../keys/Keys";
import { Loading } from "../ui/states";
import { FireToasts } from "../watches/FireToasts";
import mark from "./mark.svg";
import { Credits } from "./Credits";
import { Page } from "./pages";
import { PageError } from "./PageError";
import { ConnectionIndicator, KeyHelpButton, LanguageSwitch, MarketSearchButton, SimulatedBadge, ThemeSwitch } from "./HeaderTools";

export function Layout() {
  const m = useMessages().shell;
  const dialogs = useKeyDialogs();
  const pathname = usePathname();
  return (
    <div className="app">
      <a className="skip" href="#content">
        {m.skip}
      </a>
      <header className="header">
        <Link className="brand" to="/" title={m.tagline}>
          <img src={mark} alt="" width="22" height="22" />
          <span>Strandline</span>
        </Link>
        <nav className="nav" aria-label={m.pages}>
          <NavLink to="/">{m.analysis}</NavLink>
          <NavLink to="/chart">{m.chart}</NavLink>
          <NavLink to="/screener">{m.screener}</NavLink>
          <NavLink to="/watches">{m.watches}</NavLink>
          <NavLink to="/pipeline">{m.pipeline}</NavLink>
        </nav>
        <div className="tools">
          <MarketSearchButton onOpen={dialogs.openSwitcher} />
          <SimulatedBadge />
          <ConnectionIndicator />
          <LanguageSwitch />
          <ThemeSwitch />
          <KeyHelpButton onOpen={dialogs.openHelp} />
        </div>
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <ErrorBoundary key={pathname} fallback={(error) => <PageError error={error} />}>
          <Suspense fallback={<Loading />}>
            <Page pathname={pathname} />
          </Suspense>
        </ErrorBoundary>
      </main>
      <Credits />
      <FireToasts />
      <Keys opened={dialogs.opened} setOpened={dialogs.setOpened} />
    </div>
  );
}
