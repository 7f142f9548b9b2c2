import clsx from "clsx";
import { Stepper } from "../ui/stepper";
import { Tag } from "../ui/tag";

/** Past so many they are walked through one by one. */
const shownAsTags = 6;

/** By which ports messages left a step; of several, one is shown. */
export function OutPorts({
  out,
  more = 0,
  shown,
  onShow,
}: {
  out: readonly { port: string }[];
  /** Left, and not kept. */
  more?: number;
  shown: number;
  onShow(index: number): void;
}) {
  const current = out[shown];
  if (out.length > shownAsTags && current) {
    return (
      <span className="flex min-w-0 items-center gap-1.5">
        <PortTag port={current.port} chosen />
        <Stepper what="message" at={shown + 1} of={out.length} onGo={(at) => onShow(at - 1)} />
        {more > 0 ? <span className="whitespace-nowrap text-12 text-faint">and {more} more</span> : null}
      </span>
    );
  }
  return (
    <span className="flex flex-wrap gap-1">
      {out.map(({ port }, index) => (
        <button
          // biome-ignore lint/suspicious/noArrayIndexKey: a port may be left several times; the place is the identity
          key={index}
          type="button"
          aria-pressed={index === shown}
          onClick={() => onShow(index)}
          className={clsx("rounded-sm", out.length > 1 && index !== shown && "opacity-60")}
        >
          <PortTag
            port={out.filter((each) => each.port === port).length > 1 ? `${port} ${index + 1}` : port}
            chosen={index === shown}
          />
        </button>
      ))}
    </span>
  );
}

function PortTag({ port, chosen }: { port: string; chosen: boolean }) {
  return <Tag tone={port.split(" ")[0] === "error" ? "bad" : chosen ? "accent" : "idle"}>{port}</Tag>;
}
