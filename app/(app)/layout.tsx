import { redirect } from "next/navigation";
import type { ReactNode } from "react";
import { ToSignIn } from "@/components/account/to-sign-in";
import { UnknownHost } from "@/components/account/unknown-host";
import { AppShell } from "@/components/shell/app-shell";
import { readVisitor } from "@/server/gate";

export default async function AppLayout({ children }: { children: ReactNode }) {
  const visitor = await readVisitor();
  if (visitor.is === "astray") return <UnknownHost message={visitor.message} />;
  if (visitor.is === "first") redirect("/welcome");
  if (visitor.is === "visitor") return <ToSignIn />;
  return <AppShell me={visitor.me}>{children}</AppShell>;
}
