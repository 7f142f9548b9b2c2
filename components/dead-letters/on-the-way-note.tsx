import { formatCount } from "../ui/formats";
import type { OnTheWay } from "./on-the-way";

/** What was asked to be sent again, with the way to it. */
export function OnTheWayNote({ found, onShow }: { found: OnTheWay; onShow(state: "queued" | "sending"): void }) {
  const { sending, queued, stopped } = found;
  const link = (words: string, state: "queued" | "sending") => (
    <button type="button" className="text-accent hover:underline" onClick={() => onShow(state)}>
      {words}
    </button>
  );
  const moving = sending + queued;
  return (
    <span className="flex flex-col items-center gap-1">
      {moving > 0 ? (
        <span>{link(`${formatCount(moving)} ${be(moving)} being sent again`, queued > 0 ? "queued" : "sending")}</span>
      ) : null}
      {stopped > 0 ? (
        <span>
          {link(`${formatCount(stopped)} ${stopped === 1 ? "waits" : "wait"} for the flow to be deployed`, "queued")}
        </span>
      ) : null}
    </span>
  );
}

const be = (count: number) => (count === 1 ? "is" : "are");
