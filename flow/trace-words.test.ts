import { expect, it } from "vitest";
import { describeKept } from "./trace-words";

it.each([
  [{ share: 1 }, null],
  [{ share: 0.05 }, "5 %"],
  [{ share: 0, perSecond: 9 }, "none"],
  [{ perSecond: 0 }, "none"],
  [{ perSecond: 7, when: "true" }, "7 a second on each worker, and what its settings ask for"],
])("says what %o keeps", (trace, words) => expect(describeKept(trace)).toBe(words));
