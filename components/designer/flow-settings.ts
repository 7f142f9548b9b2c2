import { defaultTrace, type FlowDocument, workerLabelPattern } from "@/flow/document";

type Trace = NonNullable<NonNullable<FlowDocument["settings"]>["trace"]>;

/** What the dialog shows of a flow's own settings; numbers as they are typed. */
export interface FlowSettings {
  title: string;
  description: string;
  keep: "failed" | "rate" | "share" | "all";
  perSecond: string;
  percent: string;
  delivery: "at-least-once" | "exactly-once";
  /** Label of the workers that run it; empty: those without one. */
  workers: string;
  /** Where dead letters are also written; both empty = nowhere. */
  lettersConnection: string;
  lettersTo: string;
  /** Deployed only when all cases pass. */
  requireTests: boolean;
  /** The connection in whose Redis it holds; empty: Postgres. */
  holdingConnection: string;
}

export function readFlowSettings(document: FlowDocument): FlowSettings {
  const trace = document.settings?.trace ?? defaultTrace;
  const share = "share" in trace ? trace.share : undefined;
  const perSecond = trace.perSecond ?? defaultTrace.perSecond;
  return {
    title: document.title ?? "",
    description: document.description ?? "",
    keep: keptBy(share, perSecond),
    workers: document.settings?.workers ?? "",
    perSecond: String(perSecond > 0 ? perSecond : defaultTrace.perSecond),
    delivery: document.settings?.delivery ?? "at-least-once",
    percent: String(share !== undefined && share > 0 && share < 1 ? Number((share * 100).toPrecision(10)) : 10),
    lettersConnection: document.settings?.deadLetters?.connection ?? "",
    lettersTo: document.settings?.deadLetters?.to ?? "",
    requireTests: document.settings?.requireTests ?? false,
    holdingConnection: document.settings?.holding?.connection ?? "",
  };
}

/** As the worker reads it: a share goes before a number each second. */
function keptBy(share: number | undefined, perSecond: number): FlowSettings["keep"] {
  if ((share ?? perSecond) <= 0) return "failed";
  if (share === undefined) return "rate";
  return share < 1 ? "share" : "all";
}

/** What keeps the typed number from being one, in words. */
export function refuseFlowSettings({ keep, perSecond, percent }: FlowSettings): string | null {
  if (keep === "rate" && !isWithin(perSecond, 1000)) return "A number above 0, at most 1000.";
  if (keep === "share" && !isWithin(percent, 100)) return "A number above 0, at most 100.";
  return null;
}

/** What keeps the typed label from being one, in words. */
export function refuseWorkerLabel({ workers }: FlowSettings): string | null {
  if (workers.trim() === "" || workerLabelPattern.test(workers.trim())) return null;
  return "Small letters, digits and hyphens, at most 40.";
}

function isWithin(text: string, most: number): boolean {
  const number = Number(text);
  return text.trim() !== "" && number > 0 && number <= most;
}

/** What is missing of the place for dead letters, in words. */
export function refuseLetters({ lettersConnection, lettersTo }: FlowSettings): string | null {
  const to = lettersTo.trim();
  if (to.length > 249) return "At most 249 characters.";
  return lettersConnection !== "" && to === "" ? "Name a topic or a queue, or choose no connection." : null;
}

/** The document with these settings; the same document where nothing differs. */
export function writeFlowSettings(document: FlowDocument, settings: FlowSettings): FlowDocument {
  const before = readFlowSettings(document);
  const kept = settings.keep === before.keep && numberOf(settings) === numberOf(before);
  const title = settings.title.trim();
  const description = settings.description.trim();
  const delivered = settings.delivery === before.delivery;
  const workers = settings.workers.trim();
  const letters = settings.lettersConnection === "" ? "" : settings.lettersTo.trim();
  const sameLetters = letters === before.lettersTo && settings.lettersConnection === before.lettersConnection;
  const sameHolding = settings.holdingConnection === before.holdingConnection;
  const sameTests = settings.requireTests === before.requireTests;
  const ran = kept && delivered && sameLetters && sameHolding && sameTests && workers === before.workers;
  if (ran && title === before.title && description === before.description) return document;
  const { title: _title, description: _description, settings: own, ...rest } = document;
  const {
    delivery: _delivery,
    workers: _workers,
    deadLetters: _letters,
    holding: _holding,
    requireTests: _tests,
    ...others
  } = own ?? {};
  const next = {
    ...others,
    ...(kept ? {} : { trace: traceOf(settings) }),
    // At least once is what a flow is that says nothing.
    ...(settings.delivery === "exactly-once" ? { delivery: settings.delivery } : {}),
    ...(workers ? { workers } : {}),
    ...(letters === "" ? {} : { deadLetters: { connection: settings.lettersConnection, to: letters } }),
    ...(settings.requireTests ? { requireTests: true } : {}),
    ...(settings.holdingConnection === "" ? {} : { holding: { connection: settings.holdingConnection } }),
  };
  return {
    ...rest,
    ...(title ? { title } : {}),
    ...(description ? { description } : {}),
    ...(Object.keys(next).length > 0 ? { settings: next } : {}),
  };
}

function numberOf({ keep, perSecond, percent }: FlowSettings): number | null {
  if (keep === "rate") return Number(perSecond);
  return keep === "share" ? Number(percent) : null;
}

function traceOf(settings: FlowSettings): Trace {
  if (settings.keep === "failed") return { perSecond: 0 };
  if (settings.keep === "rate") return { perSecond: Number(settings.perSecond) };
  return { share: settings.keep === "all" ? 1 : Number((Number(settings.percent) / 100).toPrecision(10)) };
}
