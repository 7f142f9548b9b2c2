/** A question over HTTP that another flow answers over Kafka: the caller gets that answer, and one trace leads through both. */
import type { RunSummary, RunView } from "@/server/views";
import { addressOfApp, expect, makeMark, signIn, test } from "./app";
import { deploy, nodeCard, openFlow } from "./drawing";
import { createTopic } from "./services";
import { flow, flowJson, pushFlow } from "./shell";

const mark = makeMark(import.meta.url, "serial");
const [asks, answers, topic] = [`asks-${mark}`, `answers-${mark}`, `prices.${mark}`];
const traceId = "0af7651916cd43dd8448eb211c80319c";

function ask(question: object): Promise<Response> {
  return fetch(`${addressOfApp()}/in/${asks}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      traceparent: `00-${traceId}-b7ad6b7169203331-01`,
      tracestate: "millrace=keep",
    },
    body: JSON.stringify(question),
  });
}

test("the caller of a webhook gets what another flow answers over Kafka, or hears that nobody does", async ({
  page,
}) => {
  await createTopic(topic);
  await pushFlow({
    name: asks,
    nodes: [
      { id: "hook", kind: "webhook-source", config: { path: asks } },
      {
        id: "ask",
        kind: "request",
        config: { topic, replyTopic: `${topic}.replies`, timeoutMs: 2_000 },
        retry: { attempts: 1 },
      },
      { id: "tell", kind: "respond", config: { status: "201", headers: { "x-order": "${body.id}" } } },
      { id: "sorry", kind: "respond", config: { status: "504", body: "{'id': body.id, 'error': 'nobody answers'}" } },
    ],
    edges: [
      { from: "hook", to: "ask" },
      { from: "ask", to: "tell" },
      { from: "ask.error", to: "sorry" },
    ],
  });
  await pushFlow({
    name: answers,
    nodes: [
      { id: "requests", kind: "kafka-source", config: { topic, start: "earliest" } },
      { id: "price", kind: "map", config: { set: { price: "body.quantity * 3" } } },
      { id: "reply", kind: "respond", config: {} },
    ],
    edges: [
      { from: "requests", to: "price" },
      { from: "price", to: "reply" },
    ],
  });
  await signIn(page);
  await openFlow(page, asks);
  await deploy(page);

  await test.step("nobody answers: the flow says so", async () => {
    const answer = await ask({ id: "q-0", quantity: 1 });
    expect(answer.status).toBe(504);
    expect(await answer.json()).toEqual({ id: "q-0", error: "nobody answers" });
  });

  await test.step("another flow answers, as HTTP", async () => {
    expect((await flow(["deploy", answers, "--wait", "30"])).err).toBe("");
    await expect.poll(async () => (await ask({ id: "q-1", quantity: 2 })).status, { timeout: 20_000 }).toBe(201);
    const answer = await ask({ id: "q-2", quantity: 25 });
    expect(answer.headers.get("x-order")).toBe("q-2");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.json()).toEqual({ id: "q-2", quantity: 25, price: 75 });
    await expect(nodeCard(page, "tell")).toBeVisible();
  });

  await test.step("one trace goes through both flows", async () => {
    const traceOf = async (name: string) => {
      const { runs } = await flowJson<{ runs: RunSummary[] }>(["runs", name, "--limit", "1"]);
      return runs[0] ? (await flowJson<RunView>(["run", runs[0].id])).traceId : null;
    };
    for (const name of [asks, answers]) await expect.poll(() => traceOf(name)).toBe(traceId);
    await page.goto(`/runs?flow=${asks}`);
    await page.locator("tbody tr").first().getByRole("link").first().click();
    await expect(page.getByText(answers).first()).toBeVisible();
  });
});
