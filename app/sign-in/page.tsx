import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignIn } from "@/components/account/sign-in";
import { UnknownHost } from "@/components/account/unknown-host";
import { readVisitor } from "@/server/gate";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage() {
  const visitor = await readVisitor();
  if (visitor.is === "astray") return <UnknownHost message={visitor.message} />;
  if (visitor.is === "first") redirect("/welcome");
  if (visitor.is === "known") redirect("/flows");
  return <SignIn />;
}
