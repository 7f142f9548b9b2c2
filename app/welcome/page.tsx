import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { UnknownHost } from "@/components/account/unknown-host";
import { Welcome } from "@/components/account/welcome";
import { readVisitor } from "@/server/gate";

export const metadata: Metadata = { title: "Welcome" };

export default async function WelcomePage() {
  const visitor = await readVisitor();
  if (visitor.is === "astray") return <UnknownHost message={visitor.message} />;
  if (visitor.is === "known") redirect("/flows");
  if (visitor.is === "visitor") redirect("/sign-in");
  return <Welcome />;
}
