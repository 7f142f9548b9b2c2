import "server-only";
import { roleForExpression } from "@/flow/masked";
import { type Mask, maskText } from "@/flow/masking";
import { expressionsOf, printMapping, readMapping } from "@/flow/printed-mapping";
import { problemCodes } from "@/flow/problems";
import type { MaskedField } from "@/flow/recorded-fields";
import { settingOfCause } from "@/flow/shorten-cause";
import type { DeadLetter, Prisma } from "@/prisma/generated/client";
import { readHeaders } from "@/prisma/read-letter";
import { database } from "../database";
import { refusal } from "../refusal";
import type {
  DeadLetterGroup,
  DeadLetterSummary,
  DeadLetterView,
  ExportedLetter,
  ExportedPage,
  MessageView,
  ParkedSummary,
  RedrivePreview,
  RedriveView,
} from "../views";
import { showBytes, showHeaders } from "./bytes";
import { readAllMasked, readHiddenOf, readMasks, seesAll, type Viewer } from "./masks";
import { findFlowsOf, isByHand, type RedriveRequest } from "./redrive";

/** Key and words of dead letters as a person sees them. */
export async function maskLetters<Letter extends DeadLetterSummary>(
  viewer: Viewer,
  letters: readonly Letter[],
): Promise<Letter[]> {
  const masks = await openLetterMasks(viewer, letters);
  return letters.map((letter) => {
    const mask = masks.get(letter.id);
    return mask
      ? { ...letter, key: mask.showKey(letter.key), causeMessage: mask.showWords(letter.causeMessage) }
      : letter;
  });
}

/** A dead letter with its message as a person sees it. */
export async function maskLetter(viewer: Viewer, letter: DeadLetterView): Promise<DeadLetterView> {
  const mask = (await openLetterMasks(viewer, [letter])).get(letter.id);
  if (!mask) return letter;
  const { original, edited } = letter;
  return {
    ...letter,
    ...showMessage(mask, letter),
    masked: mask.told,
    causeMessage: mask.showWords(letter.causeMessage),
    causeDetail: mask.showWords(letter.causeDetail),
    reason: mask.showWords(letter.reason),
    causes: letter.causes.map((cause) => mask.showCause(cause)),
    original: original && showMessage(mask, original),
    edited: edited && { ...edited, ...showMessage(mask, edited) },
    forward: letter.forward && { ...letter.forward, cause: mask.showWords(letter.forward.cause) },
  };
}

/** A page of an export as a person may have it. */
export async function maskExport(viewer: Viewer, page: ExportedPage): Promise<ExportedPage> {
  const masks = await openLetterMasks(viewer, page.letters);
  const letters = page.letters.map((letter): ExportedLetter => {
    const mask = masks.get(letter.id);
    if (!mask) return letter;
    const { encoding: given, ...rest } = letter;
    const shown = mask.show({ ...rest, encoding: given ?? "text" });
    const { encoding, ...whole } = shown;
    return {
      ...whole,
      headers: shown.headers.map(([name, header]) => [name, header]),
      ...(encoding === "base64" ? { encoding } : {}),
      cause: mask.showCause(letter.cause),
      reason: mask.showWords(letter.reason),
    };
  });
  return { ...page, letters };
}

function showMessage(mask: Mask, { key, headers, value, encoding, truncated }: MessageView): MessageView {
  const shown = mask.show({ key, headers, value, encoding, truncated });
  return { ...shown, headers: shown.headers.map(([name, header]) => [name, header]) };
}

/** Groups tell the words of one of their letters: where a flow hides something, what their cause means instead. */
export async function maskLetterGroups(viewer: Viewer, groups: readonly DeadLetterGroup[]): Promise<DeadLetterGroup[]> {
  const names = await readMaskedNames(viewer);
  return groups.map((group) => (names.has(group.flow) ? { ...group, causeMessage: explainGroup(group) } : group));
}

/** Which setting failed is the flow's own: it tells groups of one code apart, and quotes no message. */
function explainGroup({ causeCode, causeMessage }: DeadLetterGroup): string {
  const setting = settingOfCause(causeMessage);
  return setting === null ? explainCode(causeCode) : `\`${setting}\`: ${explainCode(causeCode)}`;
}

/** What a cause means, where its own words may quote what is hidden. */
export function explainCode(code: string): string {
  return (problemCodes as Record<string, string>)[code] ?? maskText;
}

/** Names and ids of the flows of which something is hidden from a person. */
export async function readMaskedNames(viewer: Viewer): Promise<Set<string>> {
  return new Set((await readHiddenByName(viewer)).keys());
}

/** By name and id of flows, the masked fields that a person does not see. */
async function readHiddenByName(viewer: Viewer): Promise<Map<string, readonly MaskedField[]>> {
  const { prisma } = database();
  const masked: Map<string, readonly MaskedField[]> = await readAllMasked(prisma, viewer);
  if (masked.size === 0) return masked;
  const flows = await prisma.flow.findMany({
    where: { id: { in: [...masked.keys()] } },
    select: { id: true, name: true },
  });
  return new Map([...masked, ...flows.map(({ id, name }) => [name, masked.get(id)!] as const)]);
}

/** Redrives as a person sees them: expressions that read what is masked may quote it, and so may the words that they failed with. */
export async function maskRedrives(viewer: Viewer, redrives: readonly RedriveView[]): Promise<RedriveView[]> {
  const hidden = await readHiddenByName(viewer);
  return redrives.map((redrive) => {
    const fields = hidden.get(redrive.flow);
    if (!fields) return redrive;
    const { where, edit, reason, skippedWords } = redrive;
    const reads = (source: string | null) => source !== null && roleForExpression(source, fields) !== null;
    const editReads = edit !== null && expressionsOf(readMapping(edit)).some(({ source }) => reads(source));
    return {
      ...redrive,
      where: reads(where) ? maskText : where,
      edit: editReads ? maskText : edit,
      reason: reason !== null && (reads(where) || editReads) ? maskText : reason,
      skippedWords: skippedWords === null ? null : maskText,
    };
  });
}

/** What a redrive would do, as a person sees it. */
export async function maskPreview(viewer: Viewer, preview: RedrivePreview): Promise<RedrivePreview> {
  const masks = await openLetterMasks(viewer, preview.sample);
  if (masks.size === 0) return preview;
  return {
    ...preview,
    skippedWords: preview.skippedWords && maskText,
    editWords: preview.editWords && maskText,
    sample: preview.sample.map((each) => {
      const mask = masks.get(each.id);
      if (!mask) return each;
      const show = (value: string) => mask.show({ key: null, headers: [], value, encoding: "text" }).value ?? "";
      return {
        ...each,
        key: mask.showKey(each.key),
        before: show(each.before),
        after: each.after === null ? null : show(each.after),
        error: mask.showWords(each.error),
      };
    }),
  };
}

/**
 * Refuses what would tell, or damage, what a person does not see: expressions that read a masked field, and payloads in which its stand-in
 * would be sent in its place.
 * @throws TRPCError
 */
export async function refuseUnseen(
  viewer: Viewer,
  input: Partial<Pick<RedriveRequest, "flow" | "ids" | "where" | "edit">>,
): Promise<void> {
  const { where, edit } = input;
  if (seesAll(viewer) || (where === undefined && !edit)) return;
  for (const { id, name } of await findFlowsOf(database().prisma, viewer.environment, input)) {
    const hidden = await readHiddenOf(viewer, id);
    if (hidden.length === 0) continue;
    const mapping = edit && !isByHand(edit) ? edit : null;
    for (const source of [where, ...(mapping ? expressionsOf(mapping).map((each) => each.source) : [])]) {
      const needed = source === undefined ? null : roleForExpression(source, hidden);
      // The words of a cause may quote a field.
      const quotes = source !== undefined && /\bcause\s*[.[]\s*['"]?(message|detail)\b/.test(source);
      if (needed === null && !quotes) continue;
      const words = `The expression reads what “${name}” masks. It needs the role ${needed ?? hidden[0]!.below}; leave that field out, or ask somebody who has it.`;
      throw refusal("FORBIDDEN", "field-masked", words);
    }
    for (const text of edit ? textsOf(edit) : []) refuseStandIn(name, text);
  }
}

/** @throws TRPCError when a payload for a flow has the stand-in of a masked field in it, and it was hidden from who sends it */
export async function refuseMaskedPayload(viewer: Viewer, flowName: string, texts: (string | null)[]): Promise<void> {
  if (seesAll(viewer) || !(await readMaskedNames(viewer)).has(flowName)) return;
  for (const text of texts) refuseStandIn(flowName, text);
}

function textsOf(edit: NonNullable<RedriveRequest["edit"]>): (string | null | undefined)[] {
  return isByHand(edit) ? [edit.value, edit.key, ...(edit.headers ?? []).flat()] : [printMapping(edit)];
}

function refuseStandIn(flow: string, text: string | null | undefined): void {
  if (!text?.includes(maskText)) return;
  const words = `The payload has ${maskText} where “${flow}” masks a field: it would be sent in place of the value. Write a value there, or ask somebody who sees the field to send it.`;
  throw refusal("BAD_REQUEST", "payload-masked", words);
}

/** Messages that wait for a later try, as a person sees them. */
export async function maskParked(viewer: Viewer, items: readonly ParkedSummary[]): Promise<ParkedSummary[]> {
  if (seesAll(viewer) || items.length === 0) return [...items];
  const { prisma } = database();
  const rows = await prisma.parked.findMany({
    where: { id: { in: items.map(({ id }) => id) } },
    select: { id: true, flowId: true, ...messageFields },
  });
  const deployed = await prisma.deployment.findMany({
    where: { environment: viewer.environment, flowId: { in: rows.map(({ flowId }) => flowId) } },
    select: { flowId: true, version: true },
  });
  const versions = new Map(deployed.map(({ flowId, version }) => [flowId, version]));
  const places = rows.map((row) => ({ ...row, version: versions.get(row.flowId) ?? 0 }));
  const masks = openMasksOf(await readMasks(prisma, viewer, places), places);
  return items.map((item) => {
    const mask = masks.get(item.id);
    return mask ? { ...item, key: mask.showKey(item.key), causeMessage: mask.showWords(item.causeMessage) } : item;
  });
}

const messageFields = {
  key: true,
  value: true,
  headers: true,
  sourceKey: true,
  sourceValue: true,
  sourceHeaders: true,
} as const;

const editedFields = { editedKey: true, editedValue: true, editedHeaders: true } as const;

interface StoredMessages {
  key: Uint8Array | null;
  value: Uint8Array | null;
  headers: Prisma.JsonValue;
  sourceKey: Uint8Array | null;
  sourceValue: Uint8Array | null;
  sourceHeaders: Prisma.JsonValue;
}

/** By dead letter, what hides its masked fields, having learnt its message; only where something is hidden. */
async function openLetterMasks(viewer: Viewer, letters: readonly { id: string }[]): Promise<Map<string, Mask>> {
  if (seesAll(viewer) || letters.length === 0) return new Map();
  const { prisma } = database();
  const id = { in: letters.map((letter) => letter.id) };
  const places = await prisma.deadLetter.findMany({ where: { id }, select: { id: true, flowId: true, version: true } });
  const masks = await readMasks(prisma, viewer, places);
  const masked = places.filter((place) => masks.fields(place).length > 0);
  if (masked.length === 0) return new Map();
  const rows = await prisma.deadLetter.findMany({
    where: { id: { in: masked.map((place) => place.id) } },
    select: { id: true, flowId: true, version: true, ...messageFields, ...editedFields },
  });
  return openMasksOf(masks, rows);
}

type Masked = StoredMessages & { id: string; flowId: string; version: number };
type Edited = Pick<DeadLetter, keyof typeof editedFields>;

function openMasksOf(
  masks: Awaited<ReturnType<typeof readMasks>>,
  rows: readonly (Masked & Partial<Edited>)[],
): Map<string, Mask> {
  const found = new Map<string, Mask>();
  for (const row of rows) {
    const mask = masks.open(row);
    if (!mask) continue;
    learn(mask, row.key, row.value, row.headers);
    learn(mask, row.sourceKey, row.sourceValue, row.sourceHeaders);
    learn(mask, row.editedKey ?? null, row.editedValue ?? null, row.editedHeaders ?? null);
    found.set(row.id, mask);
  }
  return found;
}

function learn(mask: Mask, key: Uint8Array | null, bytes: Uint8Array | null, stored: Prisma.JsonValue): void {
  const { text: value, encoding } = showBytes(bytes);
  mask.learn({ key: showBytes(key).text, headers: showHeaders(readHeaders(stored)), value, encoding });
}
