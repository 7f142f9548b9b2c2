import type { NodeContext, StepBehaviour } from "../behaviour";
import { parseDuration } from "../duration";
import { compileExpression, type Expression, scopeOf } from "../expression";
import { keyBytes } from "../key-bytes";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import type { KeyAnswer, KeyEntry, KeyRequest, KeyScope } from "../received-keys";
import { type Failure, leavesBy, rejected, retryDependency, type StepResult } from "../verdict";
import type { IdempotentReceiverConfig } from "./idempotent-receiver";
import { placeOf } from "./message-id";

/** What one call of `process` reserved, until all of it is confirmed. */
interface Watch {
  left: number;
  end(): void;
}

const out = leavesBy("out");
const duplicate = leavesBy("duplicate");

export const idempotentReceiverBehaviour: StepBehaviour<IdempotentReceiverConfig> = {
  role: "step",
  mode: "async",
  open(config, context) {
    const store = context.receivedKeys;
    const scope = makeScope(config, context);
    const readKey = compileKey(config, context);
    const reserved = new WeakMap<Message, { readonly entry: KeyEntry; readonly watch: Watch }>();

    let isAway = false;

    /** Told once each time: it may be more than a connection. */
    function tellAway(error: unknown): Failure {
      const words = error instanceof Error ? error.message : String(error);
      if (!isAway) context.log("warn", "received keys cannot be asked yet", { error: words });
      isAway = true;
      return storeAway;
    }

    /** Answers by key, or why all of them have to wait. */
    async function reserve(firsts: readonly First[], signal: AbortSignal): Promise<Map<string, KeyAnswer> | Failure> {
      const reservation = await store.reserve(
        scope,
        firsts.map(({ request }) => request),
      );
      isAway = false;
      if ("waitsFor" in reservation) return waitFor(reservation.waitsFor);
      const release = () => {
        // A store that is away keeps them reserved until the messages come again, or this worker is gone.
        reservation.release().catch(() => context.log("warn", "received keys could not be given up"));
      };
      // Cut off, the messages are not written to the end here: others with their keys need not wait for them.
      if (signal.aborted) release();
      else signal.addEventListener("abort", release, { once: true });
      const watch: Watch = { left: 0, end: () => signal.removeEventListener("abort", release) };
      return new Map(
        firsts.map(({ message, request }, index) => {
          const answer = reservation.answers[index]!;
          if (answer === "new") {
            reserved.set(message, { entry: request, watch });
            watch.left++;
          }
          return [request.key, answer];
        }),
      );
    }

    return {
      async process(batch, { signal }) {
        const keys = batch.map(readKey);
        const firsts = new Map<string, First>();
        batch.forEach((message, index) => {
          const key = keys[index]!;
          if (typeof key !== "string" || firsts.has(key)) return;
          const holder = wordPlace(context.groupName, message);
          firsts.set(key, { index, message, request: { key, holder, resent: message.meta.origin?.resent === true } });
        });
        if (firsts.size === 0) return keys as Failure[];
        const answered = await reserve([...firsts.values()], signal).catch(tellAway);
        return keys.map((key, index): StepResult => {
          if (typeof key !== "string") return key;
          if ("verdict" in answered) return answered;
          const answer = firsts.get(key)!.index === index ? answered.get(key) : "duplicate";
          if (answer === "worked") return { emit: [], note: { worked: true } };
          return answer === "new" ? out : duplicate;
        });
      },

      async confirm(batch) {
        // A message that came by two wires stands here twice.
        const messages = [...new Set(batch)].filter((message) => reserved.has(message));
        if (messages.length === 0) return;
        const held = messages.map((message) => reserved.get(message)!);
        await store.confirm(
          scope,
          held.map(({ entry }) => entry),
        );
        for (const { watch } of held) if (--watch.left === 0) watch.end();
        for (const message of messages) reserved.delete(message);
      },
    };
  },
};

/** The first message of a batch with its key. */
interface First {
  readonly index: number;
  readonly message: Message;
  readonly request: KeyRequest;
}

function makeScope(
  { scope, ttl, limit }: IdempotentReceiverConfig,
  { environment, groupName, node }: NodeContext,
): KeyScope {
  const name = scope ? [environment, scope] : [environment, groupName, node];
  return { name: name.join("/"), ttlMs: parseDuration(ttl), limit };
}

/** The key as text that holds its bytes one by one, so that keys that are no text differ, too. */
function compileKey({ key }: IdempotentReceiverConfig, { node }: NodeContext): (message: Message) => string | Failure {
  const expression: Expression | undefined = key ? compileExpression(key) : undefined;
  return (message) => {
    try {
      const bytes = expression ? keyBytes(expression.evaluate(scopeOf(message))) : message.key;
      if (bytes && bytes.length > 0) return bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
      const words = expression
        ? `\`key\` of node \`${node}\` gave nothing on this message.`
        : `The message has no key, and node \`${node}\` tells messages apart by it: set its \`key\`.`;
      return rejected("body-invalid", words);
    } catch (error) {
      return failureOf(error, node, "key");
    }
  };
}

/** The place in words that a person can read and that no other place has. */
function wordPlace(groupName: string, { meta }: Message): string {
  return placeOf(groupName, meta)
    .map((part) => part.replace(/[% ]/g, encodeURIComponent))
    .join(" ");
}

const storeAway: Failure = retryDependency(
  "store-unreachable",
  "Postgres cannot be reached, so it is not known whether the key was seen before. The lane waits; nothing is lost.",
);

function waitFor(holder: string): Failure {
  return retryDependency(
    "key-reserved",
    `Another message with the same key is on its way (${holder}). This one waits until that is safe.`,
  );
}
