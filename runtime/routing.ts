import { type Message, setHeader } from "../flow/message";
import { type Cause, type Failure, isFailure, type StepResult, type Verdict } from "../flow/verdict";
import { becameDead, becameParked, type Flight, type Item, type StageWork, tookErrorPort, worked } from "./flight";
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
  for (let index = 0; index < items.length; index++) {
    const item = items[index]!;
    const result = results[index]!;
    if (parked?.has(index)) {
      flight.marks[item.origin]! |= becameParked;
      continue;
    }
    if (isFailure(result)) {
      counters.failed++;
      if (stage.errorWired) {
        flight.marks[item.origin]! |= tookErrorPort;
        counters.count("error");
        const message = tellError(item.message, stage.drawn.node, result.cause);
        const nodes = targets.error ?? [];
        nodes.forEach((target, branch) => {
          flight.put(target, { message, origin: item.origin, parent: item, branch: nodes.length > 1 ? branch : -1 });
        });
      } else {
        flight.marks[item.origin]! |= becameDead;
        dead.push({ item, failure: result, index });
      }
      continue;
    }
    // A call counts as work like a write does, and so does what comes through to the end: a flow need not have a sink.
    if (role !== "sync" || (stage.isLast && !isDropped(result))) flight.marks[item.origin]! |= worked;
    if ("leavesBy" in result) {
      const port = result.leavesBy;
      counters.count(port);
      const nodes = targets[port];
      if (nodes === undefined) continue;
      for (let at = 0; at < nodes.length; at++) {
        const branch = nodes.length > 1 ? at : -1;
        flight.put(nodes[at]!, { message: item.message, origin: item.origin, parent: item, branch });
      }
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
    let branch = 0;
    for (let at = 0; at < emit.length; at++) {
      const { port, message } = emit[at]!;
      for (const target of targets[port] ?? []) {
        flight.put(target, { message, origin: item.origin, parent: item, branch: deliveries > 1 ? branch++ : -1 });
      }
    }
  }
  return dead;
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
