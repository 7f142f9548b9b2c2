import { describe, expect, it } from "vitest";
import { chooseBegin } from "./starting";

const marks = { low: 100, high: 200 };

describe("chooseBegin", () => {
  it("goes on where the group is", () => {
    expect(chooseBegin(150, undefined, marks, "halt")).toEqual({ at: 150, pin: false });
    expect(chooseBegin(200, undefined, marks, "halt")).toEqual({ at: 200, pin: false });
    expect(chooseBegin(100, undefined, marks, "halt")).toEqual({ at: 100, pin: false });
  });

  it("goes on where this process is, when the group could not be told", () => {
    expect(chooseBegin(150, 170, marks, "halt")).toEqual({ at: 170, pin: false });
    expect(chooseBegin(150, 120, marks, "halt")).toEqual({ at: 150, pin: false });
  });

  it("begins anew when the group's positions are gone, as they go with a topic that is deleted", () => {
    expect(chooseBegin(undefined, 170, marks, "halt")).toEqual({ at: 100, pin: true, anew: true });
    expect(chooseBegin(undefined, 170, { low: 0, high: 500 }, "latest")).toEqual({ at: 0, pin: true, anew: true });
  });

  it("begins a partition that the group does not know at its earliest", () => {
    expect(chooseBegin(undefined, undefined, marks, "latest")).toEqual({ at: 100, pin: true });
  });

  it("does with a gap what the flow says, and counts what is gone", () => {
    expect(chooseBegin(40, undefined, marks, "halt")).toEqual({ halted: true, gone: 60 });
    expect(chooseBegin(40, undefined, marks, "earliest")).toEqual({ at: 100, pin: true, gone: 60 });
    expect(chooseBegin(40, undefined, marks, "latest")).toEqual({ at: 200, pin: true, gone: 60 });
  });

  it("begins anew when the log is shorter than the position", () => {
    expect(chooseBegin(250, undefined, marks, "halt")).toEqual({ at: 100, pin: true, shrank: true });
    expect(chooseBegin(150, 900, { low: 0, high: 0 }, "halt")).toEqual({ at: 0, pin: true, shrank: true });
  });
});
