import { maxRunDays } from "@/flow/document";
import { checkExpression } from "@/flow/expression";
import { parseMaskedPath } from "@/flow/masked";
import { searchableNamePattern } from "@/flow/recorded-fields";
import { isEmpty, type RecordingSettings } from "./recording-settings";

/** What keeps the typed number from being one, in words. */
export function refuseKept({ keep, perSecond, percent }: RecordingSettings): string | null {
  if (keep === "rate" && !isWithin(perSecond, 1000)) return "A number above 0, at most 1000.";
  if (keep === "share" && !isWithin(percent, 100)) return "A number above 0, at most 100.";
  return null;
}

/** What keeps the typed number of days from being one, in words; empty is none. */
export function refuseDays({ days }: RecordingSettings): string | null {
  const number = Number(days);
  if (days.trim() === "" || (Number.isInteger(number) && number >= 1 && number <= maxRunDays)) return null;
  return `A whole number from 1 to ${maxRunDays}, or nothing.`;
}

function isWithin(text: string, most: number): boolean {
  const number = Number(text);
  return text.trim() !== "" && number > 0 && number <= most;
}

/** What is wrong with the condition of what is kept, too. */
export function refuseWhen({ when }: RecordingSettings): string | null {
  return when.trim() === "" ? null : (checkExpression(when, { expects: "bool" })[0]?.message ?? null);
}

/** What is wrong with one of the searchable fields; an empty row is none. */
export function refuseSearchable({ searchable }: RecordingSettings, index: number): string | null {
  const { name, expression } = searchable[index]!;
  if (isEmpty(searchable[index]!)) return null;
  if (!searchableNamePattern.test(name.trim())) return "A name: letters, digits, _ and -, a letter first, at most 40.";
  if (name.trim() === "key") return "The key is searchable by itself. Choose another name.";
  if (searchable.some((other, at) => at < index && other.name.trim() === name.trim())) return "The name stands twice.";
  if (expression.trim() === "") return "Say where it is: body.order.id";
  return checkExpression(expression)[0]?.message ?? null;
}

export const isUnwritten = ({ path }: RecordingSettings["masked"][number]) => path.trim() === "";

/** What is wrong with one of the masked fields; an empty row is none. */
export function refuseMasked({ masked }: RecordingSettings, index: number): string | null {
  if (isUnwritten(masked[index]!) || parseMaskedPath(masked[index]!.path.trim())) return null;
  return "A path: body.card.number, body.items[*].iban, headers.x-card or key.";
}

/** Can it be written as it stands? A row that was added and left empty cannot: somebody meant something by it. */
export function holdsRecording(settings: RecordingSettings): boolean {
  return (
    !settings.searchable.some(isEmpty) &&
    !settings.masked.some(isUnwritten) &&
    refuseKept(settings) === null &&
    refuseDays(settings) === null &&
    refuseWhen(settings) === null &&
    settings.searchable.every((_, index) => refuseSearchable(settings, index) === null) &&
    settings.masked.every((_, index) => refuseMasked(settings, index) === null)
  );
}
