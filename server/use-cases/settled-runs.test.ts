import { expect, it } from "vitest";
import { settle } from "./settled-runs";

it("a failed run is settled when none of its dead letters waits or is on its way", () => {
  expect(settle(["sent"])).toBe("sent");
  expect(settle(["discarded", "sent"])).toBe("sent");
  expect(settle(["discarded"])).toBe("discarded");
  for (const open of ["waiting", "queued", "sending"]) expect(settle(["sent", open])).toBeUndefined();
  expect(settle([])).toBeUndefined();
});
