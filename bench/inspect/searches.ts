import type { Client } from "../../cli/client";
import { customerCount, customerOf, orderOf, runCount, terminalCount, terminalOf } from "./runs";

export interface Search {
  readonly name: string;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly mostMs: number;
  readonly count: number;
  /** Runs that came back, in the middle. */
  readonly found: number;
}

type Filter = Parameters<Client["runs"]["list"]["query"]>[0];

const askedTimes = 200;
/** Of so many runs each. */
const pageOf = 100;
const lastPage = 500;
const pagesCounted = 40;

const anyOf = (count: number) => Math.floor(Math.random() * count);

/** What a person asks for, another one each time. */
const asked: readonly [name: string, () => Filter][] = [
  ["newest page", () => ({})],
  ["newest page of the dead", () => ({ state: ["dead"] })],
  ["by key (100 runs have it)", () => ({ text: customerOf(anyOf(customerCount)) })],
  ["by a searchable field, named", () => ({ text: `order=${orderOf(1 + anyOf(runCount))}` })],
  ["by a searchable field, its value alone", () => ({ text: orderOf(1 + anyOf(runCount)) })],
  ["by a field that 500 runs have", () => ({ text: `T-${anyOf(terminalCount)}` })],
  ["by place", () => ({ text: placeOf(1 + anyOf(runCount)) })],
  ["by rare words of an error", () => ({ text: `terminal T-${terminalOf(anyOf(runCount))}` })],
  ["by common words of an error", () => ({ text: "upstream timeout" })],
  ["by words that no error has", () => ({ text: `upstream overflow ${anyOf(runCount)}` })],
  ["by common words of an error, failed here", () => ({ text: "answer of the carrier", node: "pay", state: ["dead"] })],
  ["by what is nowhere", () => ({ text: `nowhere-${anyOf(runCount)}` })],
];

const placeOf = (n: number) => `orders[${n % 4}]@${n}`;

/** Each search many times over the whole way, through the web process; and the last of five hundred pages. */
export async function measureSearches(client: Client, say: (line: string) => void): Promise<Search[]> {
  const searches: Search[] = [];
  const keep = (search: Search) => {
    searches.push(search);
    say(`${search.name}: p95 ${search.p95Ms.toFixed(0)} ms`);
  };
  for (const [name, draw] of asked) {
    const taken: { ms: number; found: number }[] = [];
    for (let count = 0; count < askedTimes; count++) taken.push(await ask(client, { ...draw(), limit: pageOf }));
    keep(summarize(name, taken));
  }
  const pages: { ms: number; found: number }[] = [];
  let from: Filter = {};
  for (let page = 1; page <= lastPage; page++) {
    const answer = await ask(client, { ...from, limit: pageOf });
    if (!answer.last) throw new Error(`there are fewer than ${lastPage} pages of runs`);
    if (page > lastPage - pagesCounted) pages.push(answer);
    from = { before: answer.last.startedAt, beforeId: answer.last.id };
  }
  keep(summarize(`pages ${lastPage - pagesCounted + 1} to ${lastPage}`, pages));
  return searches;
}

async function ask(client: Client, filter: Filter) {
  const begun = performance.now();
  const { runs } = await client.runs.list.query(filter);
  return { ms: performance.now() - begun, found: runs.length, last: runs.at(-1) };
}

function summarize(name: string, taken: readonly { ms: number; found: number }[]): Search {
  const sorted = taken.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const found = taken.map((each) => each.found).sort((a, b) => a - b)[Math.floor(taken.length / 2)]!;
  return { name, p50Ms: at(0.5), p95Ms: at(0.95), mostMs: sorted.at(-1)!, count: taken.length, found };
}
