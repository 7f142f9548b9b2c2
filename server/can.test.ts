import { describe, expect, it } from "vitest";
import { can, readRole, roleFor, smallerRole } from "./can";

describe("can", () => {
  it.each([
    ["viewer", "read", "flow", true],
    ["viewer", "save", "flow", false],
    ["editor", "save", "flow", true],
    ["editor", "deploy", "flow", false],
    ["operator", "deploy", "flow", true],
    ["admin", "deploy", "flow", true],
  ] as const)("a %s who would %s a %s: %s", (role, action, object, expected) => {
    expect(can(role, action, object)).toBe(expected);
  });

  it("lets editors send, operators mend dead letters and connections, administrators change users", () => {
    expect(roleFor("send", "message")).toBe("editor");
    expect(roleFor("redrive", "dead-letter")).toBe("operator");
    expect(roleFor("save", "connection")).toBe("operator");
    expect(can("operator", "create", "user")).toBe(false);
    expect(can("admin", "create", "user")).toBe(true);
  });

  it("gives nobody but administrators what is not in the table", () => {
    expect(roleFor("explode" as "read", "flow")).toBe("admin");
  });
});

describe("roles", () => {
  it("take the smaller of token and person", () => {
    expect(smallerRole("admin", "viewer")).toBe("viewer");
    expect(smallerRole("editor", "operator")).toBe("editor");
  });

  it("that are unknown count as the smallest", () => {
    expect(readRole("owner")).toBe("viewer");
    expect(readRole(null)).toBe("viewer");
  });
});
