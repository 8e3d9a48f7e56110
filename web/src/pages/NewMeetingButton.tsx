import { useNavigate } from "react-router";

import { api } from "../app/api";
import { queryClient } from "../app/queries";
import { useAction } from "../app/useAction";
import { useTexts } from "../i18n/text";
import { Button } from "../ui/Button";

/** Makes an instant meeting and goes there; without a conversation, in a new one of one's own. */
export function NewMeetingButton({ conversationId = null }: { conversationId?: string | null }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const { busy, problem, run } = useAction();

  const create = () =>
    run(async () => {
      const meeting = await api.createMeeting({ conversation_id: conversationId });
      void queryClient.invalidateQueries({ queryKey: ["meetings"] });
      await navigate(`/m/${meeting.code}`);
    });

  return (
    <div className="stack">
      <Button look="primary" icon="plus" disabled={busy} onClick={() => void create()}>
        {t("home.new-meeting")}
      </Button>
      {problem && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}
