import { expect, it } from "vitest";
import { sizeSynced } from "./synced";

it("is what was written before a sync that returned had begun", () => {
  const trace = [
    '10 write(8, ""..., 60) = 60',
    "11 fdatasync(8) = 0",
    '10 write(8, ""..., 20 <unfinished ...>',
    "11 fdatasync(8 <unfinished ...>",
    "10 <... write resumed>) = 20",
    '10 write(8, ""..., 30) = 30',
    "11 <... fdatasync resumed>) = 0",
  ];
  expect(sizeSynced(trace.join("\n"), 100)).toBe(160);
  trace.push("11 fdatasync(8 <unfinished ...>", '10 write(8, ""..., 5) = 5', "11 +++ killed by SIGKILL +++");
  expect(sizeSynced(trace.join("\n"), 100)).toBe(160);
  trace.splice(7, 1, "11 fdatasync(8) = -1 EIO (Input/output error)", "11 fdatasync(8) = 0");
  expect(sizeSynced(trace.join("\n"), 100)).toBe(210);
  expect(sizeSynced("", 100)).toBe(100);
});
