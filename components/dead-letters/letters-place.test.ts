import { expect, it } from "vitest";
import { listFilterOf, readPlace } from "./letters-place";

const filterOf = (address: string) => listFilterOf(readPlace(new URLSearchParams(address)));

it("lists what is open, unless the address says otherwise", () => {
  expect(filterOf("")).toEqual({ state: "open" });
  expect(filterOf("state=all&flow=orders")).toEqual({ flow: "orders" });
  expect(filterOf("state=nonsense&version=two&hours=-1")).toEqual({ state: "open" });
});

it("reads what narrows it", () => {
  expect(filterOf("state=sent&cause=f-1&version=2&hours=24&text=4711&node=total&redrive=r-1&key=o-1")).toEqual({
    state: "sent",
    fingerprint: "f-1",
    version: 2,
    hours: 24,
    text: "4711",
    node: "total",
    redrive: "r-1",
    key: "o-1",
  });
});
