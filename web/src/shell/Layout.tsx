import { Suspense } from "react";
import { NavLink, Outlet, useLocation } from "react-router";
import { useMessages } from "../i18n/language";
import { Loading } from "../ui/states";
import { FireToasts } from "../watches/FireToasts";
import mark from "./mark.svg";
import { Credits } from "./Credits";
import { LanguageSwitch, ConnectionIndicator, SimulatedBadge, ThemeSwitch } from "./HeaderTools";

export function Layout() {
  const m = useMessages().shell;
  const { pathname } = useLocation();
  return (
    <div className="app">
      <a className="skip" href="#content">
        {m.skip}
      </a>
      <header className="header">
        <NavLink className="brand" to="/" title={m.tagline}>
          <img src={mark} alt="" width="22" height="22" />
          <span>Strandline</span>
        </NavLink>
        <nav className="nav" aria-label={m.pages}>
          <NavLink to="/" end>
            {m.analysis}
          </NavLink>
          <NavLink to="/chart">{m.chart}</NavLink>
          <NavLink to="/watches">{m.watches}</NavLink>
          <NavLink to="/pipeline">{m.pipeline}</NavLink>
        </nav>
        <div className="tools">
          <SimulatedBadge />
          <ConnectionIndicator />
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
      </header>
      <main id="content" className="content" tabIndex={-1}>
        <Suspense key={pathname} fallback={<Loading />}>
          <Outlet />
        </Suspense>
      </main>
      <Credits />
      <FireToasts />
    </div>
  );
}
