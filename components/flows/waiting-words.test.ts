import { expect, it } from "vitest";
import { wordsOfWaiting } from "./waiting-words";

const at = (title: string, messages: number | null) => ({ node: title, title, place: title.toLowerCase(), messages });

it.each([
  [[], ""],
  [[at("Orders", 0)], "Nothing waits at its sources."],
  [[at("Orders", 1)], "1 message at “Orders” (orders) waits."],
  [[at("Orders", 1204), at("Jobs", 3)], "1,204 messages at “Orders” (orders), 3 messages at “Jobs” (jobs) wait."],
  [
    [at("Orders", 2), at("Log", null)],
    "2 messages at “Orders” (orders) wait. How many wait at “Log”, the broker does not tell.",
  ],
])("what waits is told as far as it is known", (waiting, words) => expect(wordsOfWaiting(waiting)).toBe(words));
