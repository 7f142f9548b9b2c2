import "server-only";
import type { PlainMessage } from "@/flow/control";
import { listPlaces } from "@/flow/flow-places";
import { Mask } from "@/flow/masking";
import type { MaskedField } from "@/flow/recorded-fields";
import { database } from "../database";
import type { LiveView, Role } from "../views";
import { findFlow, findVersionDocument } from "./find-flow";
import { explainCode, readMaskedNames } from "./mask-letters";
import { readAllMasked, readDrafts, readHiddenOf, seesAll, type Viewer } from "./masks";

/** Messages of a topic, queue or stream as a person sees them: by what the flows mask that read it or write to it. */
export async function maskSeen<Seen extends PlainMessage>(
  viewer: Viewer,
  at: { connection: string; place: string },
  messages: readonly Seen[],
): Promise<Seen[]> {
  return showAll(await readHiddenAt(viewer, at), messages);
}

/** A message of a flow as a person sees it. */
export async function maskSample<Seen extends PlainMessage>(
  viewer: Viewer,
  flowName: string,
  messages: readonly Seen[],
): Promise<Seen[]> {
  if (seesAll(viewer)) return [...messages];
  const { id } = await findFlow(database().prisma, viewer.environment, flowName);
  return showAll(await readHiddenOf(viewer, id), messages);
}

function showAll<Seen extends PlainMessage>(fields: readonly MaskedField[], messages: readonly Seen[]): Seen[] {
  if (fields.length === 0) return [...messages];
  return messages.map((message) => {
    const mask = new Mask(fields);
    mask.learn(message);
    return mask.show(message);
  });
}

async function readHiddenAt(viewer: Viewer, at: { connection: string; place: string }): Promise<MaskedField[]> {
  const { prisma } = database();
  const masked = await readAllMasked(prisma, viewer);
  if (masked.size === 0) return [];
  const flowIds = [...masked.keys()];
  const [drafts, deployed] = await Promise.all([
    readDrafts(prisma, flowIds),
    prisma.deployment.findMany({
      where: { environment: viewer.environment, flowId: { in: flowIds } },
      select: { flowId: true, version: true },
    }),
  ]);
  const running = await Promise.all(
    deployed.map(async ({ flowId, version }) => [flowId, await findVersionDocument(prisma, flowId, version)] as const),
  );
  const hidden = [...drafts, ...running].flatMap(([flowId, document]) => {
    const places = document ? listPlaces(document) : [];
    // A name that is made for each message may be any.
    const meets = places.some(
      ({ connection, name }) => connection === at.connection && (name === at.place || name.includes("${")),
    );
    return meets ? (masked.get(flowId) ?? []) : [];
  });
  return [...new Set(hidden)];
}

/** How flows fare, as a person sees it: where one hides something, causes say what they mean, without the words that may quote it. */
export async function maskLive(viewer: Viewer, views: readonly LiveView[]): Promise<LiveView[]> {
  const names = await recallMaskedNames(viewer);
  return names.size === 0 ? [...views] : views.map((view) => (names.has(view.flow) ? hideWords(view) : view));
}

const recallMs = 1_000;
const recalled = new Map<Role, { at: number; names: Promise<Set<string>> }>();

/** All tabs of a role are told the same, once a second: they need not all ask. */
function recallMaskedNames(viewer: Viewer): Promise<Set<string>> {
  const { role } = viewer.me;
  const known = recalled.get(role);
  if (known && Date.now() - known.at < recallMs) return known.names;
  const names = readMaskedNames(viewer);
  recalled.set(role, { at: Date.now(), names });
  // One that failed is asked again.
  names.catch(() => recalled.delete(role));
  return names;
}

function hideWords<Value>(value: Value): Value {
  if (Array.isArray(value)) return value.map(hideWords) as Value;
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  const { message, detail, ...rest } = value as { code?: unknown; message?: unknown; detail?: unknown };
  const isCause = typeof rest.code === "string" && typeof message === "string";
  const fields = isCause ? rest : (value as object);
  return {
    ...Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, hideWords(field)])),
    ...(isCause ? { message: explainCode(rest.code as string) } : {}),
  } as Value;
}
