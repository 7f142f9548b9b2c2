import { TRPCClientError } from "@trpc/client";

/** A session that ended elsewhere leads to the sign-in page, which leads back here. */
export function leaveWhenSignedOut(error: unknown): void {
  if (!(error instanceof TRPCClientError) || error.data?.code !== "UNAUTHORIZED") return;
  location.replace(`/sign-in?to=${encodeURIComponent(location.pathname + location.search)}`);
}
