import { Suspense } from "react";
import { ErrorBoundary } from "../router/components";
import { usePathname } from "../router/hooks";
import { Page } from "../shell/pages";
import { PageError } from "../shell/PageError";
import { Loading } from "../ui/states";

/** A page in the frame of another site: nothing but its content. */
export function EmbedLayout() {
  const pathname = usePathname();
  return (
    <main id="content" className="embed">
      <ErrorBoundary key={pathname} fallback={(error) => <PageError error={error} />}>
        <Suspense fallback={<Loading />}>
          <Page pathname={pathname} />
        </Suspense>
      </ErrorBoundary>
    </main>
  );
}
