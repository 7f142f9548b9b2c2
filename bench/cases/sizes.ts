import type { Case } from "../case";
import { orders1k, orders10k } from "../shapes";
import { untouched } from "./untouched";

export const size1k: Case = {
  ...untouched,
  title: "1 KB messages, untouched",
  about: "As *untouched*, with messages of 1,000 bytes.",
  input: { from: "topic", shape: orders1k },
};

export const size10k: Case = {
  ...untouched,
  title: "10 KB messages, untouched",
  about: "As *untouched*, with messages of 10,000 bytes.",
  input: { from: "topic", shape: orders10k },
};
