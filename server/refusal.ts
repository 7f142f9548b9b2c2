import "server-only";
import { TRPCError } from "@trpc/server";

type Status = ConstructorParameters<typeof TRPCError>[0]["code"];

/** Why a request was refused, as data: a code to search for and words for a person. Travels as the `cause` of a TRPCError. */
export class Refusal extends Error {
  override readonly name = "Refusal";
  constructor(
    readonly code: string,
    message: string,
    readonly detail?: string,
  ) {
    super(message);
  }
}

/** Makes an error that pages and command line show with its code and words. */
export function refusal(status: Status, code: string, message: string, detail?: string): TRPCError {
  return new TRPCError({ code: status, message, cause: new Refusal(code, message, detail) });
}

/** There is no such thing (or it is in another project). */
export function notFound(what: string, name: string): TRPCError {
  return refusal("NOT_FOUND", `${what.replaceAll(" ", "-")}-missing`, `There is no ${what} “${name}”.`);
}
