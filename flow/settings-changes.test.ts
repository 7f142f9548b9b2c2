import { expect, it } from "vitest";
import { describeSettingsChanges } from "./settings-changes";

it("says what of the settings was changed, masks by their paths", () => {
  const masked = (path: string, below: "operator" | "admin") => ({ path, below });
  expect(
    describeSettingsChanges(
      { masked: [masked("body.price", "operator"), masked("body.card", "admin")], requireTests: true },
      {
        masked: [masked("body.price", "admin"), masked("key", "operator")],
        requireTests: true,
        trace: { perSecond: 1 },
      },
    ),
  ).toEqual([
    "masked below admin: body.price (was below operator)",
    "no longer masked: body.card (was below admin)",
    "masked below operator: key",
    'which runs are kept: as usual → {"perSecond":1}',
  ]);
  expect(describeSettingsChanges(undefined, {})).toEqual([]);
});
