import { expect, it } from "vitest";
import { readMessageLines } from "./message-lines";

it("reads a body or a message a line, and passes over empty ones", () => {
  const source = [
    '{"id": 1, "price": 2.5}',
    "",
    '{"key": "a", "headers": {"x": "1"}, "body": {"id": 2}}',
    '{"key": "b", "headers": [["x", "1"], ["x", "2"]], "value": "{\\"id\\": 3}"}',
    '{"value": {"id": 4}}\r',
    '{"text": "plain"}',
    '{"base64": "/w=="}',
    "[1, 2]",
    '"words"',
    '{"key": "only"}',
  ].join("\n");
  const { messages, problems } = readMessageLines(source);
  expect(problems).toEqual([]);
  expect(messages).toEqual([
    { line: 1, message: { body: { id: 1, price: 2.5 } } },
    { line: 3, message: { key: "a", headers: [["x", "1"]], body: { id: 2 } } },
    {
      line: 4,
      message: {
        key: "b",
        headers: [
          ["x", "1"],
          ["x", "2"],
        ],
        body: { id: 3 },
      },
    },
    { line: 5, message: { body: { id: 4 } } },
    { line: 6, message: { text: "plain" } },
    { line: 7, message: { base64: "/w==" } },
    { line: 8, message: { body: [1, 2] } },
    { line: 9, message: { text: '"words"' } },
    // A key alone is a body of that field.
    { line: 10, message: { body: { key: "only" } } },
  ]);
});

it("keeps the digits of long integers", () => {
  const long = "12345678901234567891";
  expect(
    readMessageLines(`{"id":${long}}\n{"key":"k","body":{"id":${long}}}`).messages.map(({ message }) => message),
  ).toEqual([{ text: `{"id":${long}}` }, { key: "k", text: `{"id":${long}}` }]);
});

it("names the line of what it cannot read", () => {
  const { messages, problems } = readMessageLines('{"a":1}\n{"a":\n{"key": 7, "body": 1}\n{"headers": "x", "body": 1}');
  expect(messages.map(({ line }) => line)).toEqual([1]);
  expect(problems).toEqual([
    { line: 2, words: "The line is not JSON." },
    { line: 3, words: "`key` must be text." },
    { line: 4, words: expect.stringContaining("`headers` must be a list") },
  ]);
});
