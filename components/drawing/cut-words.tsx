import { splitWords } from "./split-words";

/** One line of words; of an address that does not fit its end stays in sight, as it tells most. */
export function CutWords({ words, className, title }: { words: string; className: string; title?: string }) {
  const [head, tail] = splitWords(words);
  return (
    <span className={className} title={title}>
      {tail === "" ? (
        head
      ) : (
        <span className="flex whitespace-pre">
          <span className="min-w-0 overflow-hidden text-ellipsis">{head}</span>
          <span className="shrink-0">{tail}</span>
        </span>
      )}
    </span>
  );
}
