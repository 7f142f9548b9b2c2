import { expect, it } from "vitest";
import { readEnvironment } from "./environment";

const least = {
  NODE_ENV: "test" as const,
  DATABASE_URL: "postgres://here",
  MILLRACE_SECRET: "a secret that is long enough",
};

it("reads the worker's label; set but empty is none", () => {
  expect(readEnvironment({ ...least, MILLRACE_WORKER_LABEL: " heavy " }).label).toBe("heavy");
  expect(readEnvironment({ ...least, MILLRACE_WORKER_LABEL: "" }).label).toBeUndefined();
  expect(readEnvironment(least).label).toBeUndefined();
});

it("refuses a label that no flow can name", () => {
  expect(() => readEnvironment({ ...least, MILLRACE_WORKER_LABEL: "Heavy work" })).toThrow(
    /MILLRACE_WORKER_LABEL: labels match/,
  );
});
