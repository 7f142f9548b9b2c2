"use client";

import { createContext, type ReactNode, useContext } from "react";
import type { Me, Role } from "@/server/views";

const MeContext = createContext<Me | null>(null);

/** Says who is signed in to everything below. */
export function SessionProvider({ me, children }: { me: Me; children: ReactNode }) {
  return <MeContext value={me}>{children}</MeContext>;
}

/** Who is signed in. @throws Error outside of the shell. */
export function useMe(): Me {
  const me = useContext(MeContext);
  if (!me) throw new Error("useMe() stands outside of the shell");
  return me;
}

/** From the smallest to the greatest; each may what the ones before it may. */
export const roleOrder: readonly Role[] = ["viewer", "editor", "operator", "admin"];

/** Is the signed-in role at least this one? Only hides what would be refused: the server decides. */
export function useHasRole(needed: Role): boolean {
  return roleOrder.indexOf(useMe().role) >= roleOrder.indexOf(needed);
}

/** Ends the session and shows the sign-in page. */
export async function signOut(): Promise<void> {
  await fetch("/api/auth/sign-out", { method: "POST", headers: { "content-type": "application/json" }, body: "{}" });
  location.assign("/sign-in");
}
