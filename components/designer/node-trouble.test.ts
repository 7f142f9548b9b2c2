import { expect, test } from "vitest";
import { formatTime } from "../ui/formats";
import { wordsOfTrouble } from "./node-trouble";

const at = (ms: number) => formatTime(new Date(ms));
const since = 1_764_000_000_000;
const nextCallAt = since + 5_000;
const open = {
  code: "circuit-open",
  message: "The circuit is open after 10 failures in a row; messages wait and are not lost. The last: It answered 503.",
};

test.each([
  ["nothing while it is well", { state: "running" as const, since }, null],
  ["nothing while nothing is known", {}, null],
  [
    "why it is retrying",
    { state: "retrying" as const, since, cause: { code: "http-status", message: "It answered 500." } },
    { tone: "warn", text: `Retrying: It answered 500 · since ${at(since)}` },
  ],
  [
    "an open circuit, its cause and the next call",
    { state: "degraded" as const, since, circuit: "open" as const, nextCallAt, cause: open },
    {
      tone: "warn",
      text: `Circuit open after 10 failures in a row; messages wait and are not lost. The last: It answered 503 · next call at ${at(nextCallAt)} · since ${at(since)}`,
    },
  ],
  [
    "an open circuit that no message waits at",
    { state: "running" as const, since, circuit: "open" as const, nextCallAt },
    { tone: "warn", text: `Circuit open · next call at ${at(nextCallAt)}` },
  ],
  [
    "a half-open one",
    { state: "degraded" as const, since, circuit: "half-open" as const, cause: open },
    { tone: "warn", text: `Circuit half open: one call asks whether the service is back · since ${at(since)}` },
  ],
  [
    "what needs a person, before the circuit",
    { state: "halted" as const, circuit: "open" as const, cause: { code: "x", message: "Gone." } },
    { tone: "bad", text: "Halted: Gone" },
  ],
])("says %s", (_, seen, expected) => {
  expect(wordsOfTrouble(seen)).toEqual(expected);
});
