import { useMutation, useQueryClient } from "@tanstack/react-query";
import { post } from "../api/client";
import { useMessages } from "../i18n/language";
import { navigate } from "../router/location";
import { useToasts } from "../ui/toasts";
import { describeQuestion, toStandingQuestion, type Question } from "./question";

/** Save the question as a standing watch: it fires for each level that comes near enough. It needs a distance. */
export function SaveQuestion({ question }: { question: Question }) {
  const m = useMessages();
  const toasts = useToasts();
  const queries = useQueryClient();
  const saving = useMutation({
    mutationFn: () =>
      post("/api/v1/standing-watches", { name: describeQuestion(question, m), question: toStandingQuestion(question) }),
    onSuccess: async ({ data }) => {
      await queries.invalidateQueries({ queryKey: ["standing-watches"] });
      toasts.add({
        title: m.screener.saved,
        description: data.name,
        action: { label: m.screener.toWatches, onClick: () => navigate("/watches") },
      });
    },
    onError: (error) => toasts.add({ title: m.screener.notSaved, description: error.message }),
  });
  return (
    <button
      type="button"
      className="button small"
      data-testid="save-question"
      disabled={!question.within || saving.isPending}
      title={question.within ? m.screener.saveHint : m.screener.saveNeedsDistance}
      onClick={() => saving.mutate()}
    >
      {m.screener.save}
    </button>
  );
}
