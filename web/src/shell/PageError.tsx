import { useRouteError } from "react-router";
import { Failure } from "../ui/states";

/** What a page that broke leaves behind: the header stays, and the page can be loaded again. */
export function PageError() {
  const error = useRouteError();
  return <Failure error={error} retry={() => location.reload()} />;
}
