import { retryDependency, type Verdict } from "../../flow/verdict";
import { TransportError } from "../transport";
import { BusyError } from "./busy-error";
import { VersionClosedError } from "./open-version";

/** Why nothing could be written of a saga now: the message waits, and comes again. */
export function tryLater(error: unknown): Verdict {
  if (error instanceof TransportError) return retryDependency(error.reason.code, error.reason.message);
  if (error instanceof VersionClosedError) return retryDependency("saga-version-closed", error.message);
  if (error instanceof BusyError)
    return retryDependency("saga-busy", "Others change the saga all the time; it is tried again.");
  return retryDependency(
    "store-unreachable",
    "Postgres cannot be reached, so what becomes of the saga cannot be kept.",
  );
}
