import type { Metadata } from "next";
import { TestsPage } from "@/components/cases/tests-page";

export const metadata: Metadata = { title: "Tests" };

export default async function Tests({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return <TestsPage name={decodeURIComponent(name)} />;
}
