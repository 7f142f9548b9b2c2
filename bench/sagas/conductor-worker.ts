/** A worker of Conductor: polls for the tasks of each step in batches, asks the step's service, reports. `conductor-worker.ts API SERVICES` */
import { setTimeout as sleep } from "node:timers/promises";
import { send } from "./client";

const [api, services] = process.argv.slice(2);
const steps = ["stock", "card", "carrier"];
/** A poll waits for its whole time unless it finds so many: it asks for few, and again at once. */
const batch = 50;
const emptyPauseMs = 10;

interface Task {
  readonly taskId: string;
  readonly workflowInstanceId: string;
  readonly inputData: { readonly id: string };
}

async function work(step: string, task: Task): Promise<void> {
  const { taskId, workflowInstanceId, inputData } = task;
  const answer = await send(`${services}/${step}`, { method: "POST", body: JSON.stringify({ id: inputData.id }) });
  const result = { taskId, workflowInstanceId, status: "COMPLETED", outputData: JSON.parse(answer) as unknown };
  await send(`${api}/tasks`, { method: "POST", body: JSON.stringify(result) });
}

async function poll(step: string): Promise<never> {
  for (;;) {
    const found = await send(`${api}/tasks/poll/batch/${step}?workerid=bench&count=${batch}&timeout=1`).catch(() => "");
    const tasks = found === "" ? [] : (JSON.parse(found) as Task[]);
    for (const task of tasks) void work(step, task).catch(() => {});
    if (tasks.length === 0) await sleep(emptyPauseMs);
  }
}

await Promise.all(steps.map(poll));
