import { Component, useEffect, type ComponentProps, type MouseEvent, type ReactNode } from "react";
import { usePathname } from "./hooks";
import { navigate } from "./location";

interface LinkProps extends Omit<ComponentProps<"a">, "href"> {
  to: string;
}

/** A link within the site. Clicks with a modifier or another button are left to the browser. */
export function Link({ to, onClick, ...rest }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!plain || event.defaultPrevented || rest.target) return;
    event.preventDefault();
    navigate(to);
  };
  // eslint-disable-next-line jsx-a11y/anchor-has-content -- `rest` has the content, and Enter clicks a link
  return <a href={to} onClick={follow} {...rest} />;
}

/** A link that is marked while its page is shown. */
export function NavLink({ to, ...rest }: LinkProps) {
  const pathname = usePathname();
  return <Link to={to} {...(pathname === to ? { "aria-current": "page" as const } : {})} {...rest} />;
}

/** Goes to another address instead of the current one. */
export function Redirect({ to }: { to: string }) {
  useEffect(() => navigate(to, { replace: true }), [to]);
  return null;
}

interface BoundaryProps {
  /** What to show for an error. */
  fallback: (error: unknown) => ReactNode;
  children: ReactNode;
}

/** Shows the fallback in place of children that threw an error. Give it a key to start again. */
export class ErrorBoundary extends Component<BoundaryProps, { failure: { error: unknown } | null }> {
  override state: { failure: { error: unknown } | null } = { failure: null };

  static getDerivedStateFromError(error: unknown) {
    return { failure: { error } };
  }

  override render(): ReactNode {
    return this.state.failure ? this.props.fallback(this.state.failure.error) : this.props.children;
  }
}
