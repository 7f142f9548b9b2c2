import type { Metadata } from "next";
import { FlowRunsPage } from "@/components/runs/flow-runs-page";

export const metadata: Metadata = { title: "Runs" };

export default async function FlowRuns({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return <FlowRunsPage name={decodeURIComponent(name)} />;
}
