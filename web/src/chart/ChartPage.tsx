import { useMessages } from "../i18n/language";
import { Empty } from "../ui/states";

export default function ChartPage() {
  const m = useMessages().chart;
  return <Empty title={m.title} why={m.notYet} />;
}
