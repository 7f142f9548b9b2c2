import "server-only";
import type { Mask } from "@/flow/masking";
import type { SagaState } from "@/flow/saga/state";
import { database } from "../database";
import type { SagaFilter, SagaSummary, SagaView, ShownValue } from "../saga-views";
import { readHeldSagas, readSagaState } from "./held-sagas";
import { readMaskedNames } from "./mask-letters";
import { maskRuns } from "./masking";
import { readMasks, seesAll, type Viewer } from "./masks";

/** Sagas as a person sees them, without those that were found by what is hidden. */
export async function maskSagaList(
  viewer: Viewer,
  page: { sagas: SagaSummary[]; more: boolean; unseen: string | null },
  { key, text }: SagaFilter,
): Promise<{ sagas: SagaSummary[]; more: boolean; unseen: string | null }> {
  const shown = await maskSagas(viewer, page.sagas);
  const holds = (words = "") => text !== undefined && words.toLowerCase().includes(text.toLowerCase());
  const sagas = shown.filter((saga, index) => {
    const raw = page.sagas[index]!;
    if (raw.key !== saga.key && (raw.key === key || raw.key === text)) return false;
    return !holds(raw.error?.message) || holds(saga.error?.message) || [saga.id, saga.traceId].includes(text ?? "");
  });
  return { ...page, sagas, more: page.more && sagas.length > 0 };
}

/** Keys and errors of sagas as a person sees them. */
export async function maskSagas<Saga extends SagaSummary>(viewer: Viewer, sagas: readonly Saga[]): Promise<Saga[]> {
  const masks = await openSagaMasks(viewer, sagas);
  return sagas.map((saga) => maskSummary(saga, masks.get(saga.id)));
}

function maskSummary<Saga extends SagaSummary>(saga: Saga, mask: Mask | undefined): Saga {
  if (!mask) return saga;
  return { ...saga, key: mask.showKey(saga.key) ?? "", error: saga.error && mask.showCause(saga.error) };
}

/** A saga with its data and attempts as a person sees it. */
export async function maskSaga(viewer: Viewer, saga: SagaView): Promise<SagaView> {
  if (seesAll(viewer)) return saga;
  const masks = await openSagaMasks(viewer, saga.parent ? [saga, saga.parent] : [saga]);
  const mask = masks.get(saga.id);
  const above = saga.parent && masks.get(saga.parent.id);
  const shown = {
    ...saga,
    children: await maskSagas(viewer, saga.children),
    related: await maskRuns(viewer, saga.related),
    parent: saga.parent && above ? { ...saga.parent, key: above.showKey(saga.parent.key) ?? "" } : saga.parent,
  };
  if (!mask) return shown;
  const { body, visits, ...state } = saga.state;
  return {
    ...maskSummary(shown, mask),
    state: {
      ...mask.showValues(state),
      body: showData(body, mask),
      visits: visits.map(({ output, ...visit }) => ({
        ...mask.showValues(visit),
        ...(output ? { output: showData(output, mask) } : {}),
      })),
    },
  };
}

/** A text that was cut is no JSON any more: it is hidden whole. */
function showData({ text, cut }: ShownValue, mask: Mask): ShownValue {
  const shown = mask.show({ key: null, headers: [], value: text, encoding: "text", truncated: cut });
  return { text: shown.value ?? "", cut: false };
}

async function openSagaMasks(
  viewer: Viewer,
  sagas: readonly { id: string; flow: string }[],
): Promise<Map<string, Mask>> {
  const found = new Map<string, Mask>();
  const { prisma } = database();
  const names = await readMaskedNames(viewer);
  // Those that rest in a Redis are read by a worker: only where there is something to hide.
  const ids = sagas.filter(({ flow }) => names.has(flow)).map(({ id }) => id);
  if (ids.length === 0) return found;
  const rows = await readHeldSagas(prisma, viewer.environment, ids);
  const masks = await readMasks(prisma, viewer, rows);
  for (const row of rows) {
    const mask = masks.open(row);
    if (!mask) continue;
    learnSaga(mask, readSagaState(row));
    found.set(row.id, mask);
  }
  return found;
}

function learnSaga(mask: Mask, { key, headers, body, visits }: SagaState): void {
  mask.learn({ key, headers: Object.entries(headers), value: null, encoding: "text" });
  const bodies = [body, ...visits.flatMap(({ given, undo, output }) => [given?.body, undo?.given?.body, output])];
  for (const each of bodies) mask.learnBody(each);
}
