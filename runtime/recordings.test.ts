import { expect, test } from "vitest";
import { Recordings } from "./recordings";
import { Sampler } from "./sampler";
import { makeMessage } from "./testing";
import { enterTraces } from "./trace";

const messages = [makeMessage({ id: 1, customer: 42 }), makeMessage({ id: 2, customer: 7 }), makeMessage({ id: 3 })];
const pick = (sampler: Sampler) => [...(enterTraces(messages, sampler).kept ?? [])];

test("what matches is kept beside what is picked; where the condition fails nothing is", () => {
  expect(pick(new Sampler({ perSecond: 0, when: "body.customer == 42" }))).toEqual([1, 0, 0]);
  expect(pick(new Sampler({ perSecond: 0, when: "body.customer > 5" }))).toEqual([1, 1, 0]);
  expect(pick(new Sampler({ perSecond: 1, when: "body.id == 3" }))).toEqual([1, 0, 1]);
  expect(pick(new Sampler({ perSecond: 0 }))).toEqual([]);
});

test("what is asked for a time is kept while it lasts, of its flow, without a new version", () => {
  const recordings = new Recordings();
  const sampler = new Sampler({ perSecond: 0 }, () => recordings.of("flow-1"));
  expect(pick(sampler)).toEqual([]);
  const condition = "body.customer == 42";
  const inAnHour = new Date(Date.now() + 3_600_000);
  recordings.update([
    { flowId: "flow-1", condition, endsAt: inAnHour },
    { flowId: "flow-1", condition: "no expression (", endsAt: inAnHour },
    { flowId: "flow-2", condition: "true", endsAt: inAnHour },
  ]);
  expect(pick(sampler)).toEqual([1, 0, 0]);
  recordings.update([{ flowId: "flow-1", condition, endsAt: new Date(Date.now() - 1) }]);
  expect(pick(sampler)).toEqual([]);
});
