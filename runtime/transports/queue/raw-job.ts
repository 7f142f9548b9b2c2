import { Job } from "bullmq";

/** What BullMQ puts into the job's data for us: text that is JSON already, so that it is not made anew and keeps its digits. */
export class RawData {
  constructor(readonly text: string) {}

  /** `Job.asJSON` makes JSON of the data before we put the text in its place: as little as possible. */
  toJSON(): null {
    return null;
  }
}

/**
 * A job whose data stays text. BullMQ parses the data of a job as it takes it: data that is not JSON would throw there, and
 * the job would be taken, stall and come back for ever; and large integers would lose digits. Here it is parsed when a node
 * reads the body, and what cannot be read ends in the dead letters like any other message.
 */
export class RawJob extends Job {
  raw = "null";
  /** What its worker gave back, as text. */
  rawResult: string | undefined;

  static override fromJSON<T, R, N extends string>(
    ...[queue, json, jobId]: Parameters<typeof Job.fromJSON>
  ): Job<T, R, N> {
    // A scheduler makes its next job from this one's data, so there BullMQ needs it.
    const kept = json.repeatJobKey !== undefined && isJson(json.data) ? json.data : "{}";
    // biome-ignore lint/complexity/noThisInStatic: the job must be one of ours; Job.fromJSON would make one of BullMQ's.
    const job = super.fromJSON(queue, { ...json, data: kept }, jobId) as RawJob;
    job.raw = json.data;
    if (typeof json.returnvalue === "string") job.rawResult = json.returnvalue;
    // Jobs that do not say otherwise leave the queue when they are done, as nobody else would clear them away.
    job.opts.removeOnComplete ??= true;
    return job as unknown as Job<T, R, N>;
  }

  override asJSON(): ReturnType<Job["asJSON"]> {
    const json = super.asJSON();
    const data: unknown = this.data;
    return data instanceof RawData ? { ...json, data: data.text } : json;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
