import { expect, it } from "vitest";
import { arrivalIdOf, heldIdOf } from "./held-id";

const scope = { environment: "default", flowId: "f-1" };

it("is the same for the same, in every process, and another for anything else", () => {
  // Written down once: rows of an earlier release must be found by the next.
  expect(heldIdOf(scope, "place-order", "o-1")).toBe("a570e67d-088a-85e5-b865-160727356872");
  const ids = [
    heldIdOf(scope, "place-order", "o-1"),
    heldIdOf(scope, "place-order", "o-2"),
    heldIdOf(scope, "place", "order o-1"),
    heldIdOf({ ...scope, environment: "test" }, "place-order", "o-1"),
    heldIdOf({ ...scope, flowId: "f-2" }, "place-order", "o-1"),
    arrivalIdOf(scope, "place-order", "o-1"),
  ];
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
