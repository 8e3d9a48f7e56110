import { useTexts } from "../i18n/text";
import { CheckField } from "../ui/Field";

/** Consent to the operator's texts, which open beside the form so that nothing typed is lost. */
export function AcceptField({
  checked,
  onChange,
  problem,
  required,
}: {
  checked: boolean;
  onChange: (checked: boolean) => void;
  problem?: string | null;
  required?: boolean;
}) {
  const { rich } = useTexts();
  const link = (to: string) =>
    function TextLink(text: string) {
      return (
        <a href={to} target="_blank" rel="noreferrer">
          {text}
        </a>
      );
    };
  return (
    <CheckField
      checked={checked}
      onChange={(event) => onChange(event.target.checked)}
      problem={problem}
      required={required}
    >
      {rich("account.accept", { terms: link("/terms"), privacy: link("/privacy") })}
    </CheckField>
  );
}
