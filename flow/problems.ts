import type { PlaceType } from "./place";

/**
 * A mistake in a drawing, as data: shown alike on the canvas, in the command line and by the worker.
 */
export interface Problem {
  readonly code: ProblemCode;
  readonly severity: "error" | "warning";
  /** Names the place and the way out. */
  readonly message: string;
  readonly node?: string;
  /** `from>to` of the edge, as in the file. */
  readonly edge?: string;
  /** Path of the config field: `cases.0.when`. */
  readonly field?: string;
  /** Range in the field's text (expressions), in characters. */
  readonly range?: { readonly from: number; readonly to: number };
  readonly fix?: Fix;
}

/** A way out that the canvas can offer as a button. */
export type Fix =
  /** With the options that stand there anyway, where none are given; `kind` is the connection's. */
  | {
      readonly do: "create-place";
      readonly connection: string;
      readonly kind: string;
      readonly type: PlaceType;
      readonly name: string;
      readonly options?: Readonly<Record<string, string>>;
    }
  | { readonly do: "set-field"; readonly field: string; readonly value: unknown; readonly label: string }
  /** Takes a field out, or gives it another name: the one that was probably meant. */
  | { readonly do: "remove-field"; readonly field: string; readonly label: string }
  | { readonly do: "rename-field"; readonly field: string; readonly name: string; readonly label: string }
  /** Absent: the node works again. */
  | { readonly do: "set-disabled"; readonly disabled?: "pass" | "drop" | "block"; readonly label: string }
  /** The node's settings as its kind has them now. */
  | {
      readonly do: "update-kind";
      readonly version: number;
      readonly config: Readonly<Record<string, unknown>>;
      readonly label: string;
    }
  | { readonly do: "remove-node"; readonly label: string }
  /** The wire that the problem names goes, or leads by another port. */
  | { readonly do: "remove-wire"; readonly label: string }
  | { readonly do: "set-wire"; readonly from: string; readonly to: string; readonly label: string }
  /** Offers what may stand behind a port. */
  | { readonly do: "wire-port"; readonly port: string; readonly label: string }
  | { readonly do: "leave-group"; readonly group: number; readonly at: number; readonly label: string }
  | { readonly do: "set-delivery"; readonly delivery: "at-least-once" }
  | { readonly do: "open-connections"; readonly connection: string }
  | { readonly do: "open-flow-settings" };

/** A problem as a kind's own `check` makes it: the node is filled in by `check.ts`. */
export type ProblemDraft = Omit<Problem, "node" | "severity"> & { readonly severity?: Problem["severity"] };

/** Every code, with what it means. Codes are stable: people search for them. */
export const problemCodes = {
  // the file
  "file-not-json": "The file is not JSON.",
  "file-format": "The file is of another format or version.",
  "file-field-unknown": "A field is not part of the format.",
  "file-field-invalid": "A field has a wrong type or value.",
  // the graph
  "flow-empty": "The flow has no nodes.",
  "node-id-duplicate": "Two nodes have the same id.",
  "node-kind-unknown": "There is no such kind.",
  "node-version-older": "The node was made for an older version of its kind.",
  "node-version-newer": "The node was made by a newer Millrace.",
  "node-unreachable": "Nothing leads to the node.",
  "node-input-missing": "Nothing is wired to the node's input.",
  "edge-node-unknown": "The wire names a node that does not exist.",
  "edge-port-unknown": "The wire names a port that does not exist.",
  "edge-duplicate": "The same wire twice.",
  "edge-cycle": "The wires form a circle.",
  "port-unwired": "Messages leaving by this port are dropped.",
  "source-missing": "The flow has no source.",
  "node-disabled": "The node is disabled: it drops what comes to it, or lets nothing in.",
  "disabled-cannot-pass": "The disabled node has no port by which messages could pass.",
  "group-node-unknown": "A group names a node that is not there.",
  "group-node-twice": "A node is in two groups.",
  "group-id-duplicate": "Two groups have the same id.",
  // configuration
  "config-field-missing": "A required field is empty.",
  "config-field-invalid": "A field has a wrong value.",
  "config-field-unknown": "The kind has no such field.",
  "expression-syntax": "The expression cannot be read.",
  "expression-unknown-name": "The expression uses a name that does not exist.",
  "expression-type": "The expression has the wrong type.",
  "field-absent": "The expression reads a field that the node before does not give.",
  "expression-too-costly": "The expression could run too long.",
  "template-syntax": "The template cannot be read.",
  "retry-invalid": "The retry setting is out of range.",
  "exactly-once-broken": "The flow asks for exactly once, and the node keeps it from that.",
  "begin-group-named": "A source that is to begin anew names its group, which keeps its place.",
  "path-duplicate": "Two webhooks have the same path and method.",
  "distribution-unsupported": "The broker cannot give each worker all messages.",
  "dead-letters-circle": "Dead letters go to a place that the flow reads.",
  // sagas
  "saga-kind-inside": "The node cannot stand inside of a saga.",
  "saga-kind-outside": "The node stands only inside of a saga.",
  "saga-entered": "A wire enters a saga elsewhere than at its start.",
  "saga-regions-meet": "Two sagas lead to the same node.",
  "saga-port-forks": "Several wires leave a port inside of a saga.",
  "saga-end-missing": "A way through a saga leads to no end.",
  "saga-branch-open": "A branch of a fork does not lead to its join, which would wait for ever.",
  "saga-branches-meet": "Branches of a fork meet at a node that is no join.",
  "saga-join-lost": "A join has no fork of its own.",
  "saga-step-not-undone": "Nothing undoes a step when a later one fails.",
  "saga-event-unwired": "Nothing can deliver what the node waits for.",
  "saga-retry-unused": "Retry settings of a node inside of a saga do nothing.",
  "saga-node-disabled": "A node inside of a saga cannot be disabled.",
  "saga-unnamed": "Nothing gives the business key that names a saga.",
  "saga-calls-itself": "A sub-saga refers to its own flow.",
  // request and reply
  "respond-unasked": "No message that comes to the node has anybody who waits for an answer.",
  "respond-too-late": "Who waits for the answer does not wait as long as the message is held.",
  "respond-missed": "A message of the webhook may end without an answer.",
  // tests
  "test-name-duplicate": "Two cases have the same name.",
  "test-source-unknown": "The case begins at a node that is no source.",
  "test-endpoint-unknown": "The case expects something at an endpoint that does not exist.",
  "test-answer-unused": "The case gives an answer to a node that calls nobody.",
  "tests-none": "The flow asks for its cases to pass, and has none.",
  "tests-failed": "A case fails, and the flow is deployed only when all pass.",
  "tests-not-run": "The cases could not be run, and the flow is deployed only when all pass.",
  "no-answer-given": "A node calls out, and the trial gives no answer for it.",
  "trial-cut": "The trial was ended before its time.",
  // connections and brokers
  "connection-missing": "There is no connection of that name.",
  "connection-wrong-kind": "The connection is of another kind.",
  "connection-incomplete": "The connection lacks a setting or a secret.",
  "topic-missing": "The topic does not exist.",
  "queue-missing": "The queue does not exist.",
  "exchange-missing": "The exchange does not exist.",
  "stream-missing": "The stream does not exist.",
  "broker-unreachable": "The broker cannot be reached.",
  "worker-missing": "No worker is running.",
  "flow-not-running": "No worker runs the flow.",
  "worker-label-missing": "No running worker has the label that the flow asks for.",
  "saga-stranded": "What is in flight would wait for what no longer comes.",
  // at run time (causes)
  "codec-decode": "The bytes cannot be decoded.",
  "codec-encode": "The body cannot be encoded.",
  "expression-failed": "The expression failed on this message.",
  "http-status": "The endpoint answered with an error.",
  "http-unreachable": "The endpoint cannot be reached.",
  "http-timeout": "The endpoint did not answer in time.",
  "call-timeout": "A call did not end in time.",
  "circuit-open": "The service failed again and again and is left alone for a while.",
  "http-answer-invalid": "The endpoint's answer cannot be used.",
  "broker-refused": "The broker refused the message.",
  "message-too-large": "The message is larger than the broker takes.",
  "message-unroutable": "No queue takes the message.",
  "declared-otherwise": "The queue or exchange is there with other settings.",
  "clock-wrong": "The broker does not take the time of the worker's clock.",
  "broker-blocked": "The broker is short of memory or disk and takes no messages.",
  "position-gone": "Retention removed the position.",
  "body-invalid": "The body does not have the shape that the node needs.",
  "saga-key-empty": "The message has no business key, so no saga can be named after it.",
  "saga-unknown": "There is no saga that waits for the message.",
  "poison-message": "The workers that had the message in hand died, again and again.",
  "job-id-invalid": "The job id is not one that BullMQ takes.",
  "key-reserved": "Another message with the same key is on its way.",
  "transaction-over": "The transaction has ended.",
  "transaction-foreign": "The transaction is of another cluster.",
  "lane-ends": "The lane ends; what was not begun is left to its broker.",
  "lease-lost": "Another worker took over.",
  "store-unreachable": "Postgres cannot be reached.",
  "store-forgets": "The Redis in which the flow holds would lose it.",
  "waits-behind": "A message of the same key waits for a later try; this one comes after it.",
  "lane-full": "The flow takes no more until a node behind the source has room.",
  "lane-stalled": "There is work, and nothing was finished for a while.",
  "parked-full": "Too many messages wait for a later try.",
  "saga-answer-late": "The answer to a saga's command did not come in time.",
  "saga-command-lost": "The worker that had a saga's command in hand is gone.",
  "reply-failed": "A service answered that it failed.",
  "request-unanswered": "No answer to a request came in time.",
  "requests-full": "Too many requests wait for their answer.",
  "answer-invalid": "An answer cannot be used.",
  "reply-address-missing": "The message names nobody who waits for an answer.",
  "job-failed": "The job that a saga waits for failed.",
  "saga-too-deep": "Sagas that start sagas go too deep.",
  "saga-flow-missing": "There is no saga to start in the flow that a sub-saga names.",
  "saga-compensated": "The sub-saga was undone.",
  "saga-not-undone": "The sub-saga cannot be undone any more.",
  "saga-version-closed": "The version on which a saga began cannot be opened now.",
  "saga-busy": "Others change the saga all the time.",
  "saga-wait-late": "The event for which a saga waits did not come in time.",
  "saga-decision-late": "Nobody decided in time.",
  "saga-rejected": "A person rejected it.",
  "saga-cancelled": "The saga was cancelled.",
  "node-crashed": "The node failed unexpectedly.",
  "sent-from-run": "A person sent it from a step of a run.",
} as const;

export type ProblemCode = keyof typeof problemCodes;
