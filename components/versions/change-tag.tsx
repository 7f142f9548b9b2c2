import type { Changed } from "@/flow/differences";
import { Tag } from "../ui/tag";
import { changeWords } from "./change-words";

/** How something differs: sign, word and colour. */
export function ChangeTag({ change }: { change: Changed }) {
  const { tone, sign, word } = changeWords[change];
  return (
    <Tag tone={tone} className="shrink-0">
      <span aria-hidden>{sign}</span>
      {word}
    </Tag>
  );
}
