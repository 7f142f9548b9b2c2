import { expect, it } from "vitest";
import { readPeriods } from "./deployed-periods";

it("a version is deployed until another is, or until the flow is stopped", () => {
  const at = (minute: number) => new Date(minute * 60_000);
  const events = [
    { action: "deploy", version: 1, at: at(0) },
    { action: "deploy", version: 1, at: at(1) },
    { action: "deploy", version: 2, at: at(2) },
    { action: "rollback", version: 1, at: at(3) },
    { action: "stop", version: 1, at: at(4) },
    { action: "deploy", version: 2, at: at(9) },
  ];
  expect([...readPeriods(events)]).toEqual([
    [
      1,
      [
        { from: at(3), to: at(4) },
        { from: at(0), to: at(2) },
      ],
    ],
    [
      2,
      [
        { from: at(9), to: null },
        { from: at(2), to: at(3) },
      ],
    ],
  ]);
});
