import type { BulkJobOptions, Queue } from "bullmq";
import { CodecError } from "../../../flow/codec";
import type { QueueJob } from "../../../flow/connection-ports";
import { done, rejected, type Verdict } from "../../../flow/verdict";
import { within } from "../within";
import { causeOf, type QueueBackend } from "./backend";
import { writeData, writeMetadata } from "./job-data";
import { RawData } from "./raw-job";

const addTimeoutMs = 10_000;
const maxBulkJobs = 500;
const maxBulkBytes = 4 * 1024 * 1024;
/** BullMQ's highest number, that is its lowest priority. */
const maxPriority = 2 ** 21 - 1;

interface Prepared {
  readonly index: number;
  readonly name: string;
  readonly data: RawData;
  readonly opts: BulkJobOptions;
  readonly again: boolean;
}

/** Adds jobs in bulk, with one verdict each in their order. Never rejects. */
export async function addJobs(
  backend: QueueBackend,
  kind: string,
  queue: string,
  jobs: readonly QueueJob[],
  signal: AbortSignal,
): Promise<Verdict[]> {
  const verdicts: Verdict[] = jobs.map(() => done);
  if (queue === "" || queue.includes(":")) {
    return jobs.map(() =>
      rejected(
        "broker-refused",
        `"${queue.slice(0, 100)}" is not a name that BullMQ takes for a queue: it is empty or has a ":".`,
      ),
    );
  }
  const prepared: Prepared[] = [];
  jobs.forEach((job, index) => {
    const result = prepare(job, index);
    if ("verdict" in result) verdicts[index] = result;
    else prepared.push(result);
  });
  let failure: Verdict | undefined;
  for (const bulk of divide(prepared)) {
    failure ??= signal.aborted ? stopped : await addBulk(backend, kind, queue, bulk);
    for (const { index, opts } of bulk) {
      verdicts[index] = failure ?? (opts.jobId === undefined ? done : { verdict: "done", note: { jobId: opts.jobId } });
    }
  }
  return verdicts;
}

const stopped: Verdict = {
  verdict: "retry",
  of: "dependency",
  cause: { code: "broker-unreachable", message: "Stopped before the jobs were added." },
};

async function addBulk(
  backend: QueueBackend,
  kind: string,
  queue: string,
  bulk: readonly Prepared[],
): Promise<Verdict | undefined> {
  try {
    await backend.ready();
    await within(
      backend.queue(queue).addBulk(bulk.map(({ name, data, opts }) => ({ name, data, opts }))),
      addTimeoutMs,
    );
    for (const { again, opts } of bulk) {
      if (again && opts.jobId !== undefined) await within(workAgain(backend.queue(queue), opts.jobId), addTimeoutMs);
    }
    return undefined;
  } catch (error) {
    // A queue whose first connection broke stays broken: the next call makes a new one.
    backend.forget(queue);
    return { verdict: "retry", of: "dependency", cause: causeOf(error, kind, backend.address) };
  }
}

function prepare(job: QueueJob, index: number): Prepared | Verdict {
  const refusal = job.jobId === undefined ? undefined : checkJobId(job.jobId);
  if (refusal !== undefined) return rejected("job-id-invalid", refusal);
  const { priority, delayMs, deduplication } = job;
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= maxPriority)) {
    return rejected("broker-refused", `The priority must be a whole number from 0 to ${maxPriority}, not ${priority}.`);
  }
  if (delayMs !== undefined && !(Number.isFinite(delayMs) && delayMs >= 0)) {
    return rejected("broker-refused", `The delay must be a number of milliseconds from 0 on, not ${delayMs}.`);
  }
  let data: RawData;
  try {
    data = new RawData(writeData(job.message));
  } catch (error) {
    if (error instanceof CodecError) return rejected(error.code, error.message);
    throw error;
  }
  const metadata = writeMetadata(job.message);
  const opts: BulkJobOptions = {
    ...(metadata === undefined ? {} : { telemetry: { metadata } }),
    ...(job.jobId === undefined ? {} : { jobId: job.jobId }),
    ...(deduplication === undefined ? {} : { deduplication: { id: deduplication.id, ttl: deduplication.ttlMs } }),
    ...(delayMs === undefined || delayMs === 0 ? {} : { delay: Math.round(delayMs) }),
    ...(priority === undefined || priority === 0 ? {} : { priority }),
    ...(job.attempts === undefined ? {} : { attempts: job.attempts }),
    ...(job.keepResultMs === undefined ? {} : keepFor(Math.ceil(job.keepResultMs / 1_000))),
  };
  return { index, name: job.name, data, opts, again: job.again === true };
}

async function workAgain(queue: Queue, jobId: string): Promise<void> {
  const job = await queue.getJob(jobId);
  if ((await job?.getState()) === "failed") await job?.retry("failed");
}

function keepFor(age: number): Pick<BulkJobOptions, "removeOnComplete" | "removeOnFail"> {
  return { removeOnComplete: { age }, removeOnFail: { age } };
}

/** BullMQ's own rules for ids: it throws for the whole bulk, so they are told here, per job. */
function checkJobId(id: string): string | undefined {
  const shown = id.length > 60 ? `${id.slice(0, 60)}…` : id;
  if (id === "") return "The job id is empty. Leave the field out to let BullMQ number the job.";
  if (id.includes(":"))
    return `BullMQ takes no job id with a ":" in it: ${shown}. Write it with another sign, as in "order-7".`;
  if (String(Number.parseInt(id, 10)) === id) {
    return `BullMQ takes no job id that is a whole number: ${shown}. Put a word before it, as in "order-${shown}".`;
  }
  return undefined;
}

function* divide(prepared: readonly Prepared[]): Generator<Prepared[]> {
  let bulk: Prepared[] = [];
  let bytes = 0;
  for (const job of prepared) {
    if (bulk.length === maxBulkJobs || (bulk.length > 0 && bytes + job.data.text.length > maxBulkBytes)) {
      yield bulk;
      bulk = [];
      bytes = 0;
    }
    bulk.push(job);
    bytes += job.data.text.length;
  }
  if (bulk.length > 0) yield bulk;
}
