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
export function route(flight: Flight, stage: RunningStage, { items, results, parked }: StageWork): Unrouted[] {
  const { counters, targets } = stage;
  const dead: Unrouted[] = [];
  const { role } = stage.work;
  for (let index = 0; index < results.length; index++) {
    const result = results[index]!;
    const origin = items.originOf(index);
    if (parked?.has(index)) {
      flight.marks[origin]! |= becameParked;
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
    // A call counts as work like a write does, and so does what comes through to the end: a flow need not have a sink.
    if (role !== "sync" || (stage.isLast && !isDropped(result))) flight.marks[origin]! |= worked;
    if ("leavesBy" in result) {
      const port = result.leavesBy;
      counters.count(port);
      const nodes = targets[port];
      if (nodes === undefined || nodes.length === 0) continue;
      if (nodes.length === 1) flight.put(nodes[0]!, items.at(index));
      else handOn(flight, nodes, items.messages[index]!, items.at(index));
      continue;
    }
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
