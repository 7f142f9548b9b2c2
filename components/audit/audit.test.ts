import { describe, expect, it } from "vitest";
import { writeEntry } from "./audit-export";
import { queryOfAudit, readAuditAddress, writeAuditAddress } from "./audit-filter";
import { linkOfEntry, runOfEntry } from "./audit-links";

const entry = (action: string, object: string, detail: unknown = {}) => ({
  id: "1",
  at: new Date(0),
  actor: "ada@example.org",
  action,
  object,
  detail,
});

describe("the filter of the audit", () => {
  it("comes back from its address; what is no day is left out", () => {
    const filter = {
      person: "ada@example.org",
      action: "flow",
      object: "orders",
      from: "2026-11-01",
      to: "2026-11-02",
    };
    expect(readAuditAddress(new URLSearchParams(writeAuditAddress(filter)))).toEqual(filter);
    expect(readAuditAddress(new URLSearchParams("from=soon&person="))).toEqual({});
  });

  it("asks for whole days", () => {
    const { after, until } = queryOfAudit({ from: "2026-11-01", to: "2026-11-01" });
    expect(until!.getTime() - after!.getTime()).toBe(86_400_000);
  });
});

describe("an exported entry", () => {
  it("is a line of JSON, or of CSV with what needs it quoted", () => {
    expect(JSON.parse(writeEntry(entry("flow.save", "orders", { revision: 2 }), "ndjson"))).toMatchObject({
      at: "1970-01-01T00:00:00.000Z",
      detail: { revision: 2 },
    });
    expect(writeEntry(entry("flow.save", "orders", { revision: 2 }), "csv")).toBe(
      '1970-01-01T00:00:00.000Z,ada@example.org,flow.save,orders,"{""revision"":2}"\r\n',
    );
  });

  it("is no formula in a spreadsheet", () =>
    expect(writeEntry(entry("session.sign-in-failed", "=1+1"), "csv")).toContain(",'=1+1,"));
});

describe("the link of an entry", () => {
  it.each([
    ["flow.save", "orders", "/flows/orders"],
    ["message.send", "orders/in", "/flows/orders"],
    ["deployment.deploy", "orders", "/flows/orders"],
    ["flow.remove", "orders", null],
    ["dead-letter.redrive", "orders", "/dead-letters?flow=orders"],
    ["saga.retry", "place-order 6f1e", "/flows/place-order/sagas"],
    ["connection.change", "kafka", "/connections"],
    ["user.role", "ada@example.org", "/settings?tab=users"],
    ["session.sign-in-failed", "https://elsewhere.example", "/settings?tab=sessions"],
  ])("%s of %s", (action, object, link) => expect(linkOfEntry(entry(action, object))).toBe(link));

  it("leads to what was sent at once", () => {
    const link = "/dead-letters?flow=orders&redrive=r-1&state=all";
    for (const action of ["dead-letter.redrive", "redrive.stop"] as const)
      expect(linkOfEntry(entry(action, "orders", { redrive: "r-1" }))).toBe(link);
  });
});

it("the run of an entry is the one whose message was sent", () => {
  expect(runOfEntry(entry("message.send", "orders/in", { run: "r-1", lane: "orders/0" }))).toBe("r-1");
  expect(runOfEntry(entry("flow.save", "orders", { revision: 1 }))).toBeNull();
});
