import { type FlowDocument, workerLabelPattern } from "@/flow/document";
import { type RecordingSettings, readRecording, writeRecording } from "./recording-settings";

/** What the dialog shows of a flow's own settings; numbers as they are typed. */
export interface FlowSettings extends RecordingSettings {
  title: string;
  description: string;
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
  return {
    ...readRecording(document),
    title: document.title ?? "",
    description: document.description ?? "",
    workers: document.settings?.workers ?? "",
    delivery: document.settings?.delivery ?? "at-least-once",
    lettersConnection: document.settings?.deadLetters?.connection ?? "",
    lettersTo: document.settings?.deadLetters?.to ?? "",
    requireTests: document.settings?.requireTests ?? false,
    holdingConnection: document.settings?.holding?.connection ?? "",
  };
}

/** What keeps the typed label from being one, in words. */
export function refuseWorkerLabel({ workers }: FlowSettings): string | null {
  if (workers.trim() === "" || workerLabelPattern.test(workers.trim())) return null;
  return "Small letters, digits and hyphens, at most 40.";
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
  const title = settings.title.trim();
  const description = settings.description.trim();
  const workers = settings.workers.trim();
  const letters = settings.lettersConnection === "" ? "" : settings.lettersTo.trim();
  const recording = writeRecording(settings, document);
  const sameRecording = JSON.stringify(recording) === JSON.stringify(writeRecording(before, document));
  const delivered = settings.delivery === before.delivery;
  const sameLetters = letters === before.lettersTo && settings.lettersConnection === before.lettersConnection;
  const sameHolding = settings.holdingConnection === before.holdingConnection;
  const sameTests = settings.requireTests === before.requireTests;
  const ran = sameRecording && delivered && sameLetters && sameHolding && sameTests && workers === before.workers;
  if (ran && title === before.title && description === before.description) return document;
  const { title: _title, description: _description, settings: own, ...rest } = document;
  const {
    trace: _trace,
    recording: _recording,
    searchable: _searchable,
    masked: _masked,
    delivery: _delivery,
    workers: _workers,
    deadLetters: _letters,
    holding: _holding,
    requireTests: _tests,
    ...others
  } = own ?? {};
  const next = {
    ...others,
    ...recording,
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
