/**
 * What the server answers: the shapes that pages, canvas and command line read. Types only, so that `components/` and `cli/` may import them.
 */

import type { StartingPlace } from "@/flow/behaviour";
import type { Answers, DeploymentState, LaneLive, NodeLive, RunDetail, RunState } from "@/flow/control";
import type { FlowDocument } from "@/flow/document";
import type { KeepingFacts } from "@/flow/durability";
import type { Hit } from "@/flow/find";
import type { Problem } from "@/flow/problems";
import type { MaskedField } from "@/flow/recorded-fields";
import type { FoundBy, MatchedBy } from "@/flow/run-search";
import type { Semantics } from "@/flow/semantics";

export type { FoundBy };

export type Role = "viewer" | "editor" | "operator" | "admin";

export interface Me {
  id: string;
  name: string;
  email: string;
  role: Role;
}

export interface FlowSummary {
  name: string;
  title: string;
  description: string;
  revision: number;
  updatedAt: Date;
  /** Kinds in the drawing, for the list's icons. */
  kinds: string[];
  example: boolean;
  deployment: DeploymentSummary | null;
  /** Newest version, 0 before the first. */
  latestVersion: number;
  draftDiffers: boolean;
  deadLetters: number;
}

export interface DeploymentSummary {
  version: number;
  previous: number | null;
  desired: "running" | "stopped";
  revision: number;
  generation: number;
  updatedAt: Date;
  updatedBy: string;
}

export interface FlowView extends FlowSummary {
  /** Null when the stored draft is of an unknown format: then `raw` opens read-only. */
  draft: FlowDocument | null;
  raw: unknown;
  /** The document that is deployed, to compare with. */
  running: FlowDocument | null;
}

/** What deleting a flow touches, and what stays on the brokers. */
export interface FlowImpact {
  running: boolean;
  /** `on` Kafka, `what`: consumer groups. */
  stays: { on: string; what: string; names: string[] }[];
  /** In flight: as long as there are any the flow stays. */
  sagas: number;
  /** Held by delays and waits: they go with it. */
  messages: number;
}

/** What came of a set of flows that was applied as a whole. */
export interface ApplyResult {
  saved: { name: string; created: boolean; revision: number }[];
  removed: { name: string; stopped: boolean }[];
}

export interface VersionSummary {
  number: number;
  /** What people call it; empty: nobody named it. */
  name: string;
  message: string;
  author: string;
  createdAt: Date;
  hash: string;
  running: boolean;
  /** When it was deployed here, the newest first; the one without an end is deployed still. */
  deployed: { from: Date; to: Date | null }[];
}

export interface CheckResult {
  problems: Problem[];
  semantics: Semantics | null;
  /** What the brokers keep, as far as they say. */
  facts: KeepingFacts;
  /** No worker could be asked about brokers. */
  brokersUnchecked: boolean;
}

export type DeployResult =
  /** `waits`: why nobody runs it yet, when no living worker has its label; `move`: what is held elsewhere than where this version holds. */
  | { ok: true; version: number; revision: number; createdVersion: boolean; waits?: Problem; move?: string }
  /** `confirm`: it is only to be asked for again with `strand`, once a person has seen the warnings among the problems. */
  | { ok: false; problems: Problem[]; confirm?: "strand" };

export type SaveResult =
  | { ok: true; revision: number }
  | { ok: false; conflict: { yours: number; theirs: number; theirDraft: FlowDocument; updatedBy: string } };

/** Where a text stands in the drafts of all flows. */
export interface FlowSearch {
  flows: {
    name: string;
    title: string;
    hits: Hit[];
    /** The nodes that hits are in. */
    nodes: { id: string; kind: string; title?: string | undefined }[];
  }[];
  /** There is more than is given. */
  cut: boolean;
}

/** Merged over workers, with rates over the last seconds. */
export interface LiveView {
  flow: string;
  state: DeploymentState | "waiting-for-worker";
  desired: "running" | "stopped";
  /** Of the workers that run it; null: those without one. */
  label: string | null;
  version: number;
  revision: number;
  cause?: { code: string; message: string };
  nodes: Record<string, NodeLive & { rateIn: number; rates: Record<string, number> }>;
  lanes: LaneView[];
  workers: WorkerDeployment[];
  deadLetters: number;
  tracesDropped: number;
  /** By searchable field, recorded messages that gave no value. */
  valuesMissed?: Record<string, number>;
}

/** A worker by the names that people know it by. */
export interface WorkerName {
  worker: string;
  pid: number;
  host: string;
  label: string | null;
}

/** A partition has one owner, but for a moment while it moves; a queue is one lane that several workers work. */
export interface LaneView extends LaneLive {
  owners: WorkerName[];
}

export interface WorkerDeployment extends WorkerName {
  version: number;
  revision: number;
  state: DeploymentState;
  cause?: { code: string; message: string };
  updatedAt: Date;
}

export interface WorkerView {
  id: string;
  host: string;
  pid: number;
  label: string | null;
  version: string;
  startedAt: Date;
  heartbeatAt: Date;
  alive: boolean;
  health: Record<string, unknown>;
}

/** Events of the one subscription of a tab. */
export type LiveEvent =
  | { type: "live"; flows: LiveView[]; workers: WorkerView[]; at: number }
  /** Newest runs since the last event, newest first, at most 50. */
  | { type: "runs"; runs: RunSummary[] }
  | { type: "notice"; kafka: "ok" | "missing" | "unreachable"; queueBackend: "redis" | "postgres" }
  /** Every tab that has a flow open. */
  | { type: "present"; tabs: PresentTab[] }
  /** A draft was saved: by whom, and from which tab of a browser. */
  | { type: "draft"; flow: string; revision: number; by: string; tab: string | null };

/** A tab of somebody who has a flow open. */
export interface PresentTab {
  tab: string;
  /** Id of the user. */
  user: string;
  name: string;
  flow: string | null;
  /** The node that is chosen there. */
  node: string | null;
}

export interface RunSummary {
  id: string;
  flow: string;
  version: number;
  state: RunState;
  key: string | null;
  source: string;
  lane: string;
  position: string;
  startedAt: Date;
  durationMs: number;
  attempts: number;
  traceId: string;
  workerId: string;
  errorNode: string | null;
  error: string | null;
  /** What became of a failed run's dead letters, when none of them waits or is on its way any more. */
  settled?: "sent" | "discarded";
  /** By what a search found it. */
  foundBy?: FoundBy[];
}

/** What is recorded of a flow for a time. */
export interface RecordingView {
  id: string;
  flow: string;
  /** CEL over the message. */
  condition: string;
  by: string;
  createdAt: Date;
  endsAt: Date;
}

/** Whether there is a drawing of a run's version, or why there is none. */
export type RunDrawingState = "there" | "flow-deleted" | "version-missing" | "version-unreadable";

export interface RunView extends RunSummary {
  /** Without nodes where `drawing` is not `there`. */
  document: FlowDocument;
  drawing: RunDrawingState;
  detail: RunDetail;
  /** Runs of the same trace in other flows, before and after. */
  related: RunSummary[];
  deadLetters: { id: string; state: DeadLetterSummary["state"] }[];
  /** The run that its message came from, where a person sent it again. */
  from: string | null;
  /** When and by whom its message was sent again, the first first; `find` finds the run of it. */
  sentAgain: { at: Date; by: string; find: string }[];
  /** Other runs of the same message: it waited, and was tried again later. */
  tries: RunSummary[];
  /** What is hidden in it from who asks, each place once; it may show in other places, too. */
  masked: MaskedField[];
}

/** What sending the message of a run again comes to: by the version that runs now, which will work it. */
export interface SendAgainView {
  /** The version that worked the run. */
  ran: number;
  /** The one that works it now, or would as soon as it runs; null when none is deployed, or the flow is deleted. */
  now: number | null;
  running: boolean;
  /** What may happen twice, in words. */
  repeat: string | null;
  /** What else is to be known before. */
  notes: string[];
  /** Why it cannot be sent, and what can be done; null when it can. */
  why: string | null;
}

/** What a step's message became that is sent to its node: it goes the way of a dead letter. */
export interface SentFromRun {
  /** Id of the dead letter, and position of its run. */
  letter: string;
  redrive: string;
  flow: string;
  node: string;
  version: number;
}

export interface RunFilter {
  flow?: string;
  state?: RunState[];
  version?: number;
  node?: string;
  key?: string;
  traceId?: string;
  /** As a person typed it (`flow/run-search.ts`). */
  text?: string;
  /** Of what the text finds, only what it finds by this. */
  by?: MatchedBy | "value";
  /** Began at that time or later, and before. */
  since?: Date;
  until?: Date;
  /** Took at least so long. */
  longerMs?: number;
  /** Some node tried it at least so often. */
  attempts?: number;
  /** `startedAt` of the last run that was seen; with its id when several began at the same moment. */
  before?: Date;
  beforeId?: string;
  limit?: number;
}

/** How far back runs reach, and which flows keep only a part of those that end well. */
export interface KeptRuns {
  /** Began then: the oldest that is still there. */
  since: Date | null;
  /** Of the flows that are deployed; `kept` in words: `5 %`. */
  partly: { flow: string; title: string; kept: string }[];
  /** Of those, which keep their runs for a time of their own; `kept` in words: `3 days`. */
  own: { flow: string; title: string; kept: string }[];
  /** Of those, the names of values that their runs are found by, beside the key. */
  names: string[];
  /** How many flows are deployed. */
  of: number;
}

/** A filter of a list under a name. */
export interface SavedViewView {
  id: string;
  name: string;
  /** The address' query. */
  query: string;
  shared: boolean;
  /** Who made it. */
  by: string;
  mine: boolean;
}

/** What beside runs bears a text as its key. */
export interface FoundElsewhere {
  sagas: number;
  /** That wait; at most 1,000 are counted. */
  deadLetters: number;
  /** The newest of them. */
  deadLetter: string | null;
  parked: number;
}

/** A message that passed a node lately: what went in, what came out by which port. */
export interface NodeMessage {
  runId: string;
  at: Date;
  key: string | null;
  in: string | null;
  out: { port: string; value: string | null }[];
  state: string;
  error: string | null;
  durationMs: number;
}

export interface ConnectionView {
  name: string;
  kind: string;
  config: Record<string, unknown>;
  secretsSet: string[];
  missing: string[];
  updatedAt: Date;
  /** Flows that name it. */
  usedBy: string[];
}

export interface DeadLetterSummary {
  id: string;
  flow: string;
  /** As people call flow and node: as in the drawing that it failed in. */
  flowTitle: string;
  nodeTitle: string;
  version: number;
  node: string;
  causeCode: string;
  causeMessage: string;
  fingerprint: string;
  key: string | null;
  attempts: number;
  state: "waiting" | "queued" | "sending" | "sent" | "discarded";
  createdAt: Date;
  /** When it failed last: later than `createdAt` when it was sent again and failed again. */
  failedAt: Date;
  updatedAt: Date;
  runId: string | null;
  lane: string;
  position: string;
  sends: number;
}
/** A message as a person sees it. */
export interface MessageView {
  key: string | null;
  headers: [string, string][];
  /** At most the first million bytes. */
  value: string | null;
  encoding: "text" | "base64";
  truncated: boolean;
}
/** With the message as it reached the node. */
export interface DeadLetterView extends DeadLetterSummary, MessageView {
  causeDetail: string | null;
  /** How many the value has. */
  bytes: number;
  /** As it came from its source; null when no step had changed it. */
  original: MessageView | null;
  /** What a person sent in its place, to the node or to the source. */
  edited: (MessageView & { target: "node" | "source" }) | null;
  source: string;
  part: string;
  codec: string;
  reason: string | null;
  /** By whom it was discarded, and when; null where it is not, or that was not kept. */
  discarded: { by: string; at: Date } | null;
  /** What went wrong before the cause, oldest first. */
  causes: { node: string; code: string; message: string; times: number }[];
  /** Where it is also written, and whether it was; null when it is kept here only. */
  forward: {
    connection: string;
    to: string;
    state: "due" | "forwarded" | "refused";
    cause: string | null;
    at: Date | null;
  } | null;
  traceId: string | null;
  /** Who asked last for it to be sent again, and as what; null when nobody did. */
  sent: { by: string; at: Date; target: "node" | "source"; edited: boolean } | null;
  /** What became of its sendings, the newest first: their runs, as far as they were kept. */
  sentRuns: { id: string; startedAt: Date; version: number; state: RunSummary["state"] }[];
  /** What a second delivery of it does at the sinks behind the node, in words. */
  repeat: string;
  /** What is hidden in it from who asks, each place once; it may show in other places, too. */
  masked: MaskedField[];
}
/** Dead letters that a person asked to be sent again, and how far it came. */
export interface RedriveView {
  id: string;
  flow: string;
  flowTitle: string;
  /** `planned`: its letters are still being chosen; nothing is sent before they all are. */
  state: "planned" | "running" | "paused" | "stopped" | "done";
  target: "node" | "source";
  /** How many were named one by one; 0 = not chosen that way. */
  ids: number;
  cause: string | null;
  where: string | null;
  edit: string | null;
  /** Letters a second; null = as fast as they go. */
  rate: number | null;
  /** It pauses by itself when so many failed again; null = never. */
  pauseAfter: number | null;
  asked: number;
  /** Not sent yet, and on their way. */
  left: number;
  /** Of one that was stopped: not sent, and given up as before. */
  givenBack: number;
  sent: number;
  failedAgain: number;
  /** Of those that were sent: as a person changed them. */
  changed: number;
  /** Not sent, as the version that runs has no such node. */
  refused: number;
  /** Not chosen, as the condition failed on them; the words of the first. */
  skipped: number;
  skippedWords: string | null;
  /** Why it was stopped, or paused, by itself. */
  reason: string | null;
  by: string;
  createdAt: Date;
  endedAt: Date | null;
}
/** What a redrive would do. */
export interface RedrivePreview {
  matched: number;
  looked: number;
  /** False when there were more than could be looked at in time. */
  complete: boolean;
  skipped: number;
  skippedWords: string | null;
  /** On how many the edit fails: then none would be sent. */
  editFails: number;
  editWords: string | null;
  /** The first ten, before and after the edit. */
  sample: {
    id: string;
    key: string | null;
    node: string;
    lane: string;
    position: string;
    before: string;
    after: string | null;
    error: string | null;
  }[];
  /** What a second delivery does behind their nodes, in words. */
  repeat: string[];
}
/** How many a flow has in one state. */
export interface DeadLetterCount {
  flow: string;
  state: DeadLetterSummary["state"];
  count: number;
}
/** Dead letters that are to be written to a topic or queue, too, and are not there yet or never will be. */
export interface ForwardCount {
  flow: string;
  connection: string;
  to: string;
  due: number;
  refused: number;
  /** Why the first of them is not there. */
  cause: string | null;
}
/** What a node did, in all workers together; up to ten seconds at the end of a version are not in it. */
export interface NodeHistoryView {
  /** Each minute of the last hour, the oldest first; empty for a flow that was never deployed. Latency over the slowest seconds of a minute. */
  minutes: { at: Date; messages: number; failed: number; p95Ms: number | null }[];
  /** Of the last 24 hours, the newest first. `lastAt`: begin of the last hour in which it worked. */
  versions: {
    version: number;
    messages: number;
    failed: number;
    dead: number;
    p50Ms: number | null;
    p95Ms: number | null;
    lastAt: Date;
  }[];
}

/** A flow that the same messages pass through. */
export interface NeighbourView {
  flow: string;
  title: string;
  /** That both name. */
  places: string[];
  masked: MaskedField[];
}

/** Messages that a source of a deployed flow has not read. */
export interface WaitingView {
  node: string;
  /** What people call it. */
  title: string;
  place: string;
  /** Null: the broker does not tell, or does not answer. */
  messages: number | null;
}

/** What of several messages went out, in their order. */
export interface SentMessages {
  sent: Answers["message-send"][];
  /** Why the next one did not; the rest was not tried. */
  failure?: { code: string; message: string };
}

/** A node of a version that runs, on which most of its messages of the last minutes failed. */
export interface FailingNode {
  flow: string;
  node: string;
  /** What people call it. */
  title: string;
  version: number;
  messages: number;
  failed: number;
}

/** What a node did in the last 24 hours in one version. */
export interface VersionFigures {
  version: number;
  node: string;
  messages: number;
  /** Over the minutes in which the version worked. */
  perSecond: number;
  failed: number;
  dead: number;
  /** The highest of all minutes. */
  p50Ms: number | null;
  p95Ms: number | null;
}
export interface VersionFiguresView {
  /** That worked in the last 24 hours, the newest first. */
  versions: number[];
  figures: VersionFigures[];
}

export interface DeadLetterGroup {
  fingerprint: string;
  flow: string;
  /** As in the drawing. */
  flowTitle: string;
  nodeTitle: string;
  node: string;
  causeCode: string;
  causeMessage: string;
  /** Given up: to be sent again or discarded. */
  count: number;
  /** Asked to be sent again, without an end yet. */
  onTheWay: number;
  /** That they failed on, the newest first. */
  versions: { version: number; count: number }[];
  first: Date;
  last: Date;
  /** How many came in each of the last 24 hours, the oldest hour first. */
  trend: readonly number[];
}

/** A dead letter as a line of an export has it. Times are ISO 8601; `encoding` is absent for text. */
export interface ExportedLetter {
  id: string;
  flow: string;
  version: number;
  node: string;
  state: DeadLetterSummary["state"];
  cause: { code: string; message: string; detail?: string };
  source: string;
  lane: string;
  position: string;
  /** Which of several messages made from one source message. */
  part: string;
  codec: string;
  key: string | null;
  keyEncoding?: "base64";
  headers: [string, string][];
  value: string | null;
  encoding?: "base64";
  timestamp: string;
  createdAt: string;
  failedAt: string;
  attempts: number;
  sends: number;
  reason: string | null;
  runId: string | null;
  traceId: string | null;
}

export interface ExportedPage {
  letters: ExportedLetter[];
  /** What to add to the filter for the next page; null behind the last. */
  next: { before: Date; beforeId: string } | null;
}

/** A message that waits, stored, for a later try at its node. */
export interface ParkedSummary {
  id: string;
  flow: string;
  node: string;
  lane: string;
  position: string;
  key: string | null;
  causeCode: string;
  causeMessage: string;
  attempts: number;
  /** By the rule of what is deployed; null when its node is not in it. */
  ofAttempts: number | null;
  /** Null: as soon as those before it have ended. */
  dueAt: Date | null;
  /** The first of its key, and how many of it go before. */
  behind: { id: string; count: number } | null;
  /** It becomes a dead letter as soon as nobody tries it. */
  givenUp: boolean;
  /** Its flow runs: of a stopped one nothing is tried. */
  runs: boolean;
  /** The run of its last try. */
  runId: string | null;
  createdAt: Date;
}
export interface ParkedGroup {
  flow: string;
  node: string;
  count: number;
  /** When the next try is due. */
  next: Date | null;
  since: Date;
}

export interface UserView {
  id: string;
  name: string;
  email: string;
  role: Role;
  createdAt: Date;
}
export interface TokenView {
  id: string;
  name: string;
  role: Role;
  /** Whose it is; administrators see everyone's. */
  owner: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  expiresAt: Date | null;
  readOnly: boolean;
  /** Names of the flows to which it is limited; null: no such limit. */
  flows: string[] | null;
}
export interface InvitationView {
  id: string;
  email: string;
  name: string;
  role: Role;
  invitedBy: string;
  createdAt: Date;
  expiresAt: Date;
}
/** What the link of an invitation leads to. */
export type InvitationLook =
  | { state: "open"; email: string; name: string; role: Role }
  | { state: "unknown" | "used" | "revoked" | "expired" };
export interface SessionView {
  id: string;
  owner: string;
  email: string;
  mine: boolean;
  /** The one in which this is asked. */
  current: boolean;
  userAgent: string | null;
  /** Network address at sign-in; empty when it is not known. */
  address: string;
  createdAt: Date;
  expiresAt: Date;
}
export interface AuditView {
  id: string;
  at: Date;
  /** Email of the person, or the program. */
  actor: string;
  action: string;
  object: string;
  detail: unknown;
}

export type Begin = StartingPlace | { from: "continue" };

/** What was deployed, stopped and rolled back, when, by whom. */
export interface DeploymentEventView {
  action: "deploy" | "start" | "stop" | "rollback";
  version: number;
  revision: number;
  message: string;
  by: string;
  at: Date;
}

/** The words and the code of an error, in `error.data.problem` of every tRPC answer that failed. */
export interface ShownProblem {
  code: string;
  message: string;
  detail?: string;
}
