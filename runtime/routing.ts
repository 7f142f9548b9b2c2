import { type Message, setHeader } from "../flow/message";
import { type Cause, type Failure, isFailure, type StepResult, type Verdict } from "../flow/verdict";
import { becameDead, becameParked, type Flight, type StageWork, tookErrorPort, worked } from "./flight";
import type { Item } from "./items";
import type { RunningStage } from "./pipeline";

/** A failure that no port takes. */
export interface Unrouted {
  readonly item: Item;
  readonly failure: Failure;
  readonly index: number;
}

/** Hands results on in the order of the messages; answers the failures that no port takes. */
export function route(flight: Flight, stage: RunningStage, work: StageWork): Unrouted[] {
  const { items, results, parked } = work;
  const { counters, targets } = stage;
  const dead: Unrouted[] = [];
  for (let index = 0; index < results.length; index++) {
    const result = results[index]!;
    const origin = items.originOf(index);
    if (parked?.has(index)) {
      flight.marks[origin]! |= becameParked;
      continue;
    }
    if ("leavesBy" in result) {
      index = handOnAlike(flight, stage, work, index, result.leavesBy) - 1;
      continue;
    }
    if (isFailure(result)) {
      const item = items.at(index);
      counters.failed++;
      if (stage.errorWired) {
        flight.marks[origin]! |= tookErrorPort;
        counters.count("error");
        const message = tellError(item.message, stage.drawn.node, result.cause);
        handOn(flight, targets.error, message, item);
      } else {
        flight.marks[origin]! |= becameDead;
        dead.push({ item, failure: result, index });
      }
      continue;
    }
    if (isWork(stage) || (stage.isLast && !isDropped(result))) flight.marks[origin]! |= worked;
    if (!("emit" in result)) continue;
    const { emit } = result;
    let deliveries = 0;
    for (let at = 0; at < emit.length; at++) {
      const { port } = emit[at]!;
      counters.count(port);
      deliveries += targets[port]?.length ?? 0;
    }
    if (deliveries === 0) continue;
    const parent = items.at(index);
    let branch = 0;
    for (let at = 0; at < emit.length; at++) {
      const { port, message } = emit[at]!;
      for (const target of targets[port] ?? []) {
        flight.put(target, { message, origin, parent, branch: deliveries > 1 ? branch++ : -1 });
      }
    }
  }
  return dead;
}

/**
 * Hands on messages that leave as they came, from an index on, as long as they leave by the same port; answers the index after the last.
 * Most results of a filter are one and the same: what follows from it is looked up once.
 */
function handOnAlike(flight: Flight, stage: RunningStage, work: StageWork, from: number, port: string): number {
  const { items, results, parked } = work;
  let end = from + 1;
  if (parked === null) while (end < results.length && results[end] === results[from]) end++;
  stage.counters.count(port, end - from);
  const nodes = stage.targets[port] ?? [];
  if (isWork(stage) || stage.isLast) {
    for (let index = from; index < end; index++) flight.marks[items.originOf(index)]! |= worked;
  }
  if (nodes.length === 1) for (let index = from; index < end; index++) flight.put(nodes[0]!, items.at(index));
  else if (nodes.length > 1) {
    for (let index = from; index < end; index++) handOn(flight, nodes, items.messages[index]!, items.at(index));
  }
  return end;
}

/** A call counts as work like a write does; what only computes counts when its messages come through to the end: a flow need not have a sink. */
function isWork({ work }: RunningStage): boolean {
  return work.role !== "sync";
}

/** One message to several nodes. */
function handOn(flight: Flight, nodes: readonly number[] = [], message: Message, parent: Item): void {
  for (let at = 0; at < nodes.length; at++) {
    const branch = nodes.length > 1 ? at : -1;
    flight.put(nodes[at]!, { message, origin: parent.origin, parent, branch });
  }
}

function isDropped(result: StepResult | Verdict): boolean {
  return "emit" in result && result.emit.length === 0;
}

/** The message as it leaves by an error port: with what went wrong, and where, in its headers. */
function tellError(message: Message, node: string, cause: Cause): Message {
  let headers = setHeader(message.headers, "millrace-error-code", cause.code);
  headers = setHeader(headers, "millrace-error-message", cause.message);
  headers = setHeader(headers, "millrace-error-node", node);
  return message.with({ headers });
}
