import type { RigServices } from "../runtime/system/rig";
import { startByHand } from "./by-hand-process";
import type { Case, Side } from "./case";
import type { Inputs } from "./inputs";
import type { Delays } from "./load/pace";
import type { Outputs } from "./outputs";
import type { Runner } from "./runner";
import { readUsage, watchMemory } from "./usage";
import { measureWindow, type Window } from "./window";

export interface Places {
  readonly services: RigServices;
  readonly inputs: Inputs;
  readonly outputs: Outputs;
}

/** What one round of one side came to; absent where it was not measured, null where the system does not say. */
export interface Measured {
  readonly perSecond?: number;
  readonly delays?: Delays;
  readonly window?: Window;
  readonly ownUs: number | null;
  readonly machineUs: number | null;
  readonly memoryMb: number | null;
}

const settleSeconds = 1;

/** Lets one side work for so long, from an input of its own or one that all read, into outputs of its own. */
export async function runRound(
  { services, inputs, outputs }: Places,
  case_: Case,
  side: Side,
  runner: Runner,
  seconds: number,
  fullSeconds: number,
): Promise<Measured> {
  const [input, output] = [side.input ?? case_.input, side.output ?? case_.output];
  const { at: made, waiting } = await inputs.prepare(input, output, fullSeconds);
  const at = side.by === "nothing" ? { ...made, outputs: [made.input] } : made;
  const memory = watchMemory(runner.pids);
  const load = input.from === "pace" || input.from === "requests" ? startByHand(services) : undefined;
  try {
    const address = await Promise.race([runner.start(at), runner.failure]);
    if (input.from === "pace") {
      const before = await readUsage(runner.pids());
      const { perSecond, over } = input;
      const order = { input: at.input, output: at.outputs[0]!, perSecond, seconds, ...(over ? { over } : {}) };
      const measuring = load!.tell({ do: "pace", warmSeconds: settleSeconds, ...order });
      const delays = (await Promise.race([measuring, runner.failure])) as Delays;
      if (delays.missing > 0) throw new Error(`${delays.missing} messages did not come out`);
      const after = await readUsage(runner.pids());
      const sent = (seconds + settleSeconds) * input.perSecond;
      await runner.stop();
      return {
        delays,
        ownUs: perMessageUs(minus(after.ownSeconds, before.ownSeconds), sent),
        machineUs: perMessageUs(minus(after.machineSeconds, before.machineSeconds), sent),
        memoryMb: await memory.end(),
      };
    }
    if (input.from === "requests") {
      if (!address) throw new Error("there is no address to send requests to");
      await load!.tell({ do: "requests", ...address, connections: input.connections, shape: input.shape.name });
    }
    const leaving = case_.perMessage * (side.readers ?? case_.readers ?? 1);
    const window = await measureWindow({
      counts: () => outputs.counts(output, at.outputs),
      usage: () => readUsage(runner.pids()),
      seconds,
      settleSeconds: case_.settleSeconds ?? 0,
      total: waiting * leaving,
      failure: runner.failure,
    });
    await load?.tell({ do: "stop" });
    await runner.stop();
    const share = output.to === "topics" && output.transactional ? await outputs.shareOfMessages(at.outputs[0]!) : 1;
    const messages = (window.written * share) / case_.perMessage;
    return {
      perSecond: messages / window.seconds,
      window,
      ownUs: perMessageUs(window.ownSeconds, messages),
      machineUs: perMessageUs(window.machineSeconds, messages),
      memoryMb: await memory.end(),
    };
  } finally {
    await memory.end();
    await load?.end();
  }
}

function minus(after: number | null, before: number | null): number | null {
  return after === null || before === null ? null : after - before;
}

function perMessageUs(seconds: number | null, messages: number): number | null {
  return seconds === null ? null : (seconds * 1e6) / messages;
}
