import "server-only";
import { type RunSearch, readRunSearch } from "@/flow/run-search";
import { searchableText } from "@/flow/searchable";
import type { Prisma } from "@/prisma/generated/client";
import { database } from "../database";
import type { FoundBy, RunFilter } from "../views";
import { findFlow } from "./find-flow";
import { whereValuesSeen } from "./masking";
import type { Viewer } from "./masks";
import { type RunRow, readRuns, uuidPattern } from "./runs";

/** A run and by what the search found it. */
export interface FoundRun {
  readonly row: RunRow;
  readonly foundBy: FoundBy[];
}

/**
 * Values are read as many as are wanted, then more at once, up to so many, while the rest of the filter lets few of their runs pass; and so
 * often.
 */
const valuesAtOnce = 500;
const valueReadings = 21;

/**
 * The newest runs that a text finds: what a person would copy from the list (key, place, position, trace, id, the values that runs are
 * found by, each whole) and the words of errors. Each way is asked for by itself, by an index of its own that ends in the time, and what
 * they find is put together: alternatives in one condition would have the database read either all that match or all that is newer.
 * Where they are few, those that have the text as their offset alone come behind the others.
 */
export async function searchRuns(
  viewer: Viewer,
  filter: RunFilter & { text: string },
  where: Prisma.RunWhereInput,
  limit: number,
): Promise<FoundRun[]> {
  const text = filter.text.trim();
  const search = readRunSearch(text);
  const found = new Map<string, FoundRun>();
  const keep = (row: RunRow, by: FoundBy) => {
    const known = found.get(row.id);
    if (known) known.foundBy.push(by);
    else found.set(row.id, { row, foundBy: [by] });
  };
  const { by: narrowed } = filter;
  const asked = waysOf(search, text).filter(({ by }) => !narrowed || by === narrowed);
  const ways = asked.map(async ({ by, is }) => {
    for (const row of await readRuns({ AND: [where, is] }, limit)) keep(row, { by });
  });
  const byValue = async () => {
    if (search.is === "trace" || (narrowed && !narrowed.startsWith("value"))) return;
    for await (const { row, name } of searchValues(await whereValues(viewer, search, filter), filter, where, limit))
      keep(row, { by: "value", name });
  };
  await Promise.all([...ways, byValue()]);
  // All of them are here, so none is passed over on a later page when what the text hit by chance comes last.
  const order = found.size < limit ? meantFirst : newestFirst;
  return [...found.values()].sort(order).slice(0, limit);
}

/** A number is an offset of some message in nearly every topic; who types it means a key or a value that has it. */
const meantFirst = (a: FoundRun, b: FoundRun) => Number(isOffset(a)) - Number(isOffset(b)) || newestFirst(a, b);
const isOffset = ({ foundBy }: FoundRun) => foundBy.every(({ by }) => by === "position");

const newestFirst = ({ row: a }: FoundRun, { row: b }: FoundRun) =>
  b.startedAt.getTime() - a.startedAt.getTime() || (a.id < b.id ? 1 : -1);

interface Way {
  readonly by: Exclude<FoundBy["by"], "value">;
  readonly is: Prisma.RunWhereInput;
}

function waysOf(search: RunSearch, text: string): Way[] {
  if (search.is === "trace") return [{ by: "trace", is: { traceId: search.traceId } }];
  return [
    ...(search.is === "place" ? [{ by: "place", is: wherePlace(search) } as const] : []),
    { by: "key", is: { key: text } },
    { by: "error", is: { state: { in: ["failed", "dead"] }, error: { contains: text, mode: "insensitive" } } },
    { by: "position", is: { position: text } },
    ...(uuidPattern.test(text) ? [{ by: "id", is: { id: text } } as const] : []),
  ];
}

function wherePlace({ lanes, position }: RunSearch & { is: "place" }): Prisma.RunWhereInput {
  const places = lanes.flatMap((lane): Prisma.RunWhereInput[] => {
    // Of a node that each worker reads for itself, the lane carries a name of the worker's own behind the topic.
    const [topic = "", partition] = lane.split(/\/(?=\d+$)/);
    const own = partition === undefined ? [] : [{ lane: { startsWith: topic, endsWith: `/${partition}` } }];
    return [{ lane }, ...own];
  });
  return { position, OR: places };
}

async function whereValues(
  viewer: Viewer,
  search: RunSearch,
  { text, flow, by }: RunFilter & { text: string },
): Promise<Prisma.RunValueWhereInput> {
  const value = search.is === "value" ? search.value : text.trim();
  const names = [
    search.is === "value" ? search.name : null,
    by?.startsWith("value:") ? by.slice("value:".length) : null,
  ];
  const named = names.flatMap((name) => (name === null ? [] : [{ name: { in: [name, `body.${name}`] } }]));
  const ofFlow = flow === undefined ? {} : { flowId: (await findFlow(database().prisma, viewer.environment, flow)).id };
  return { AND: [{ value: searchableText(value) ?? value }, ...named, ofFlow, (await whereValuesSeen(viewer)) ?? {}] };
}

/** Runs by a value, the newest values first, until enough of their runs are let pass by the rest of the filter. */
async function* searchValues(
  is: Prisma.RunValueWhereInput,
  { since, until, before }: RunFilter,
  where: Prisma.RunWhereInput,
  limit: number,
): AsyncGenerator<{ row: RunRow; name: string }> {
  let passed = 0;
  let take = Math.min(limit, valuesAtOnce);
  let from: Prisma.RunValueWhereInput[] = [
    ...(since ? [{ startedAt: { gte: since } }] : []),
    ...(until ? [{ startedAt: { lt: until } }] : []),
    ...(before ? [{ startedAt: { lte: before } }] : []),
  ];
  for (let reading = 0; reading < valueReadings && passed < limit; reading++) {
    const values = await database().prisma.runValue.findMany({
      where: { AND: [is, ...from] },
      select: { runId: true, startedAt: true, name: true },
      orderBy: [{ startedAt: "desc" }, { runId: "desc" }],
      take,
    });
    const [newest, oldest] = [values[0], values.at(-1)];
    if (!newest || !oldest) return;
    const within = { startedAt: { lte: newest.startedAt, gte: oldest.startedAt } };
    const ids = values.map(({ runId }) => runId);
    const rows = await readRuns({ AND: [where, within, { id: { in: ids } }] }, valuesAtOnce);
    for (const row of rows) for (const { runId, name } of values) if (runId === row.id) yield { row, name };
    passed += rows.length;
    if (values.length < take) return;
    take = Math.min(4 * take, valuesAtOnce);
    const { startedAt, runId } = oldest;
    from = [
      { startedAt: { lte: startedAt } },
      { OR: [{ startedAt: { lt: startedAt } }, { runId: { lt: runId } }] },
      ...from,
    ];
  }
}
