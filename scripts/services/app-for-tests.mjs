/** The production app on services of the tests' own, with a fresh database: as a first visitor meets it. */
import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { makeEnvironment, prepareDatabase, startWeb, startWorker } from "../application.mjs";
import { dataPath } from "../data.mjs";
import { findAnyPort } from "../network.mjs";

/**
 * `name` is that of its database and its folder of logs. Gives the environment that reaches it (`MILLRACE_URL`, `MILLRACE_TOKEN`),
 * that folder, and `stop`.
 */
export async function startTestApplication(services, name) {
  const port = await findAnyPort();
  const logs = dataPath("test", "logs", name);
  rmSync(logs, { recursive: true, force: true });
  const token = randomBytes(32).toString("base64url");
  const env = {
    ...makeEnvironment({
      databaseUrl: await services.database(name),
      redisUrl: services.redisUrl,
      rabbitmqUrl: services.rabbitmqUrl,
      brokers: services.brokers,
      url: `http://127.0.0.1:${port}`,
    }),
    MILLRACE_SECRET: randomBytes(32).toString("base64url"),
    // Tests sign in more often than people do.
    MILLRACE_QUIET_LIMITS: "1",
  };
  await prepareDatabase({ env, token });
  const parts = await Promise.all([startWeb({ env, host: "127.0.0.1", port, logs }), startWorker({ env, logs })]);
  return {
    env: { ...env, MILLRACE_TOKEN: token },
    logs,
    stop: () => Promise.all(parts.map((part) => part.stop())),
  };
}
