import type { FlowDocument } from "./document";
import { checkExpression } from "./expression";
import { parseMaskedPath } from "./masked";
import type { Problem } from "./problems";

/** What is wrong with what the flow's settings say of its records. */
export function checkRecording({ settings }: FlowDocument): Problem[] {
  const searchable = Object.entries(settings?.searchable ?? {}).flatMap(([name, source]) =>
    checkExpression(source).map(
      (problem): Problem => ({ severity: "error", ...problem, field: `settings.searchable.${name}` }),
    ),
  );
  const masked = (settings?.masked ?? []).flatMap(({ path }, index): Problem[] => {
    if (parseMaskedPath(path)) return [];
    const message = `\`${path}\` is no path to a masked field. Write \`body.card.number\`, \`body.items[*].iban\`, \`headers['x-card']\` or \`key\`.`;
    return [{ code: "config-field-invalid", severity: "error", message, field: `settings.masked.${index}.path` }];
  });
  const when = settings?.trace?.when;
  const matching = (when === undefined ? [] : checkExpression(when, { expects: "bool" })).map(
    (problem): Problem => ({ severity: "error", ...problem, field: "settings.trace.when" }),
  );
  return [...matching, ...searchable, ...masked];
}
