import type { BatchContext, SinkBehaviour } from "../behaviour";
import type { QueueJob, QueuePort } from "../connection-ports";
import { parseDuration } from "../duration";
import { compileExpression, type Expression, scopeOf } from "../expression";
import type { Message } from "../message";
import { failureOf } from "../message-failure";
import { compileTemplate } from "../template";
import { type Failure, rejected, type Verdict } from "../verdict";
import { messageId } from "./message-id";
import { queueNamePattern, queueNameRule } from "./queue-name";
import type { QueueSinkConfig } from "./queue-sink";
import { writeBatch } from "./write-batch";

/** The name of jobs whose config gives none. */
const defaultJobName = "message";

interface Addressed {
  readonly queue: string;
  readonly job: QueueJob;
}

export const queueSinkBehaviour: SinkBehaviour<QueueSinkConfig> = {
  role: "sink",
  open(config, context) {
    const port = context.connection("queue", config.connection);
    const queue = compileTemplate(config.queue);
    const jobName = config.jobName ? compileTemplate(config.jobName) : undefined;
    const jobId = config.jobId ? compileExpression(config.jobId) : undefined;

    const deduplicateBy = config.deduplicateBy ? compileExpression(config.deduplicateBy) : undefined;
    const ttlMs = config.deduplicateFor ? parseDuration(config.deduplicateFor) : undefined;

    /** Empty for what cannot be an id. */
    function readOnceId(message: Message, index: number, batch: BatchContext): string {
      if (!deduplicateBy) return messageId(message, context, batch, index);
      const value = deduplicateBy.evaluate(scopeOf(message));
      return typeof value === "string" || typeof value === "number" || typeof value === "bigint" ? String(value) : "";
    }

    function toJob(message: Message, index: number, batch: BatchContext): Addressed | Failure {
      const scope = scopeOf(message);
      let field = "queue";
      try {
        const queueName = queue.render(scope);
        if (!queueNamePattern.test(queueName)) {
          const words = `\`queue\` of node \`${context.node}\` gave a name that is not right: ${queueNameRule}.`;
          return rejected("body-invalid", words);
        }
        field = "jobName";
        const name = jobName?.render(scope) || defaultJobName;
        field = "jobId";
        const id = jobId ? readJobId(jobId, scope) : undefined;
        if (id === null) {
          const words = `\`jobId\` of node \`${context.node}\` gave no id that BullMQ takes: it needs a text that is not only digits and has no colon, like 'order-' + body.id.`;
          return rejected("job-id-invalid", words);
        }
        field = "deduplicateBy";
        const deduplication = ttlMs === undefined ? undefined : { id: readOnceId(message, index, batch), ttlMs };
        if (deduplication?.id === "") {
          const words = `\`deduplicateBy\` of node \`${context.node}\` gave neither a text nor a number on this message.`;
          return rejected("job-id-invalid", words);
        }
        const job: QueueJob = {
          name,
          message,
          attempts: config.attempts,
          ...(config.delayMs > 0 ? { delayMs: config.delayMs } : {}),
          ...(config.priority > 0 ? { priority: config.priority } : {}),
          ...(id === undefined ? {} : { jobId: id }),
          ...(deduplication === undefined ? {} : { deduplication }),
        };
        return { queue: queueName, job };
      } catch (error) {
        return failureOf(error, context.node, field);
      }
    }

    return {
      write: (batch, batchContext) =>
        writeBatch(
          batch,
          (message, index) => toJob(message, index, batchContext),
          (items) => addByQueue(port, items, batchContext.signal),
        ),
    };
  },
};

/** The id, or `null` for one that BullMQ refuses. */
function readJobId(jobId: Expression, scope: Record<string, unknown>): string | null {
  const value = jobId.evaluate(scope);
  return typeof value === "string" && value !== "" && !/^\d+$|:/.test(value) ? value : null;
}

/** Adds the jobs of each queue in one go, each queue's in their order. */
async function addByQueue(port: QueuePort, items: readonly Addressed[], signal: AbortSignal): Promise<Verdict[]> {
  const indexes = new Map<string, number[]>();
  for (const [index, { queue }] of items.entries()) {
    const ofQueue = indexes.get(queue);
    if (ofQueue) ofQueue.push(index);
    else indexes.set(queue, [index]);
  }
  const verdicts = new Array<Verdict>(items.length);
  await Promise.all(
    [...indexes].map(async ([queue, places]) => {
      const jobs = places.map((index) => items[index]!.job);
      const answers = await port.add(queue, jobs, signal);
      for (const [place, index] of places.entries()) verdicts[index] = answers[place]!;
    }),
  );
  return verdicts;
}
