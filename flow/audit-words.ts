/** How a person is known who acted by an API token: its name, and what the command line says of who ran it. */
export interface ActedBy {
  token: string;
  person?: string;
}

/** By which token an entry came to be; `null` for who acted in the browser. */
export function readActedBy(detail: unknown): ActedBy | null {
  const by = isMap(detail) ? detail.by : undefined;
  if (!isMap(by) || typeof by.token !== "string") return null;
  return { token: by.token, ...(typeof by.person === "string" ? { person: by.person } : {}) };
}

type Word = (value: unknown, action: string) => string;

const plural = (count: unknown, one: string, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;
const begins: Readonly<Record<string, string>> = {
  continue: "went on where it stood",
  kind: "began where its sources say",
  earliest: "from the beginning",
  latest: "from now",
  time: "from a time",
};

/** By the name in the detail, how it is told. `null`: of the inside, told in the whole entry alone. */
const words: Readonly<Record<string, Word | null>> = {
  by: null,
  redrive: null,
  deadLetter: null,
  letters: null,
  lane: null,
  page: null,
  revision: (value, action) => (action.startsWith("deployment.") ? "" : `draft ${value}`),
  version: (value) => `v${value}`,
  begin: (value) => begins[String(value)] ?? String(value),
  sagas: (value) => `${plural(value, "saga")} in flight`,
  ended: (value) => `${plural(value, "session")} ended`,
  sessionsEnded: (value) => `${plural(value, "other session")} ended`,
  minutes: (value) => `for ${plural(value, "minute")}`,
  condition: (value) => `what fits ${value}`,
  messages: (value) => plural(value, "message"),
  first: (value) => `from ${wordsOfPlace(value)}`,
  last: (value) => `to ${wordsOfPlace(value)}`,
  count: (value) => plural(value, "message"),
  cause: (value) => `of the cause ${value}`,
  state: (value) => `in the state ${value}`,
  where: (value) => `where ${value}`,
  reason: (value) => `reason: ${value}`,
  edited: () => "edited",
  fields: (value) => `${writeList(value)} set`,
  rate: (value) => `at most ${value}/s`,
  target: (value) =>
    value === "node" ? "to where they failed" : value === "source" ? "from their source" : `${value}`,
  role: (value) => `role ${value}`,
  days: (value, action) => `${action === "token.create" ? "it" : "the link"} works ${plural(value, "day")}`,
  address: (value) => `from ${value}`,
  run: (value) => `the message of run ${String(value).slice(0, 8)}`,
  step: (value) => `step ${Number(value) + 1}`,
  name: (value) => `now ${value}`,
  title: (value) => `“${value}”`,
  before: (value) => `before: ${value}`,
  owner: (value) => `of ${value}`,
  secrets: (value) => `secrets given: ${writeList(value)}`,
  settings: writeList,
  changes: writeList,
  stranded: writeList,
  flows: (value) => `only for ${writeList(value)}`,
  readOnly: () => "only reads",
};

/** What an entry of the audit tells beside person, deed and object, in words: `v3 · went on where it stood`. What says nothing is left out. */
export function wordsOfDetail(action: string, detail: unknown): string {
  if (!isMap(detail)) return "";
  const place = typeof detail.lane === "string" ? [`at ${wordsOfPlace(detail)}`] : [];
  // As it is read, not as the database keeps its fields.
  const order = Object.keys(words);
  const fields = Object.entries(detail).sort(([a], [b]) => order.indexOf(a) - order.indexOf(b));
  const told = fields.flatMap(([name, value]) => {
    if (isNothing(value) || (name === "position" && place.length > 0)) return [];
    const word = words[name];
    if (word === null) return [];
    return word ? [word(value, action)].filter((text) => text !== "") : [`${name} ${write(value)}`];
  });
  return [...told, ...place].join(" · ");
}

const isNothing = (value: unknown) =>
  value === null || value === "" || value === 0 || value === false || (Array.isArray(value) && value.length === 0);

const write = (value: unknown) => (typeof value === "object" ? JSON.stringify(value) : String(value));

function writeList(value: unknown): string {
  return Array.isArray(value) ? value.map(write).join(", ") : write(value);
}

function wordsOfPlace(value: unknown): string {
  return isMap(value) ? `${value.lane}@${value.position}` : write(value);
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
