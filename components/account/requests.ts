import { createTRPCClient, httpLink } from "@trpc/client";
import superjson from "superjson";
import type { AppRouter } from "@/server/router";

/** What the accounts' side answers when it refuses. */
interface Refused {
  code?: string;
  message?: string;
}

async function post(path: string, body: unknown): Promise<void> {
  let answer: Response;
  try {
    answer = await fetch(`/api/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
  } catch {
    throw new Error("The server did not answer. Check that Millrace is running, then try again.");
  }
  if (answer.ok) return;
  const refused = (await answer.json().catch(() => ({}))) as Refused;
  throw new Error(wordsOf(answer.status, refused));
}

function wordsOf(status: number, refused: Refused): string {
  if (refused.code === "INVALID_EMAIL_OR_PASSWORD")
    return "Email and password do not belong together. An administrator can set a new password from the shell.";
  if (status === 429) return "Too many tries in a short time. Wait a minute, then try again.";
  if (status >= 500) return "The server met an unexpected error. Its log says more; try again.";
  return refused.message ?? "That was refused.";
}

/** Opens a session. @throws Error with words for the form. */
export async function signIn(email: string, password: string): Promise<void> {
  await post("sign-in/email", { email: email.trim(), password });
}

/** Makes the first account, an administrator's, and opens its session. @throws Error with words for the form. */
export async function createFirstAccount(name: string, email: string, password: string): Promise<void> {
  await post("sign-up/email", { name: name.trim(), email: email.trim(), password });
}

/** Makes the account that an invitation is for, and opens its session. @throws Error with words for the form. */
export async function joinByInvitation(secret: string, name: string, password: string): Promise<void> {
  const client = createTRPCClient<AppRouter>({ links: [httpLink({ url: "/api/trpc", transformer: superjson })] });
  const { email } = await client.session.join.mutate({ secret, name: name.trim(), password });
  await signIn(email, password);
}

/** A path of ours to go on to after sign-in; never another site. */
export function readTarget(search: string): string {
  const to = new URLSearchParams(search).get("to") ?? "";
  return /^\/(?![/\\])/.test(to) ? to : "/flows";
}
