import { useMessages } from "../i18n/language";

export default function PipelinePage() {
  const m = useMessages().pipeline;
  return <h1>{m.title}</h1>;
}
