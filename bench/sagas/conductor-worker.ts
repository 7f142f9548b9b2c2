/** A worker of Conductor: polls for the tasks of each step in batches, asks the step's service, reports. `conductor-worker.ts API SERVICES` */
import { setTimeout as sleep } from "node:timers/promises";

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
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ id: task.inputData.id });
  const answer = await fetch(`${services}/${step}`, { method: "POST", headers, body });
  const result = {
    taskId: task.taskId,
    workflowInstanceId: task.workflowInstanceId,
    status: answer.ok ? "COMPLETED" : "FAILED",
    outputData: await answer.json(),
  };
  const told = await fetch(`${api}/tasks`, { method: "POST", headers, body: JSON.stringify(result) });
  await told.arrayBuffer();
}

async function poll(step: string): Promise<never> {
  for (;;) {
    const answer = await fetch(`${api}/tasks/poll/batch/${step}?workerid=bench&count=${batch}&timeout=1`);
    const tasks = answer.ok ? ((await answer.json()) as Task[]) : [];
    for (const task of tasks) void work(step, task).catch(() => {});
    if (tasks.length === 0) await sleep(emptyPauseMs);
  }
}

await Promise.all(steps.map(poll));
