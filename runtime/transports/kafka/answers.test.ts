import fc from "fast-check";
import { expect, it } from "vitest";
import { AnswerReader } from "./answers";

const frame = (answer: Buffer) => {
  const size = Buffer.alloc(4);
  size.writeInt32BE(answer.length);
  return Buffer.concat([size, answer]);
};

it("finds the same answers however the bytes are cut, from one buffer that is written again", () => {
  const answers = fc.array(fc.uint8Array({ minLength: 4, maxLength: 300 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(answers, fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 40 }), (made, cuts) => {
      const stream = Buffer.concat(made.map((answer) => frame(Buffer.from(answer))));
      const reader = new AnswerReader();
      const told: Buffer[] = [];
      const buffer = Buffer.alloc(90);
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const length = stream.copy(buffer, 0, at, at + cuts[turn % cuts.length]!);
        reader.take(buffer.subarray(0, length), (answer) => told.push(answer));
        buffer.fill(0xee);
        at += length;
      }
      expect(told.map((answer) => [...answer])).toEqual(made.map((answer) => [...answer]));
    }),
  );
});

it("refuses what is no answer of Kafka before it takes memory for it", () => {
  const tell = () => expect.unreachable("there is no answer");
  for (const bytes of [Buffer.from("HTTP/1.1 400"), Buffer.from([0xff, 0, 0, 0])])
    expect(() => new AnswerReader().take(bytes, tell)).toThrow("no Kafka broker");
  expect(() => new AnswerReader().take(Buffer.from([0x15, 3, 1, 0, 2]), tell)).toThrow("it speaks TLS there");
});
