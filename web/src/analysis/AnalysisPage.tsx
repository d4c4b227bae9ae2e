import { useMessages } from "../i18n/language";

export default function AnalysisPage() {
  const m = useMessages().analysis;
  return <h1>{m.title}</h1>;
}
