import { useMessages } from "../i18n/language";

export default function WatchesPage() {
  const m = useMessages().watches;
  return <h1>{m.title}</h1>;
}
