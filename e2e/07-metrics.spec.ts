/** What those who watch over the app ask it, without a browser. */
import { addressOfApp, expect, test } from "./app";

test("the web process tells Prometheus what runs, and whether it lives and is ready", async ({ request }) => {
  const ask = (path: string) => request.get(`${addressOfApp()}${path}`);
  expect((await ask("/livez")).status()).toBe(200);
  expect((await ask("/readyz")).status()).toBe(200);
  const answer = await ask("/metrics");
  expect(answer.headers()["content-type"]).toContain("text/plain; version=0.0.4");
  const text = await answer.text();
  expect(text).toContain('millrace_workers{label=""} 1\n');
  expect(text).toMatch(/^millrace_deployment_desired\{flow="orders-by-country",version="\d+"\} [01]$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
});
