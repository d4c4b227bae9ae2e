import { Failure } from "../ui/states";

/** Shown in place of a page that threw an error: the header stays, and the page can be reloaded. */
export function PageError({ error }: { error: unknown }) {
  return <Failure error={error} retry={() => location.reload()} />;
}
