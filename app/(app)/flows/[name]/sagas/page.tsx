import type { Metadata } from "next";
import { FlowSagasPage } from "@/components/sagas/sagas-page";

export const metadata: Metadata = { title: "Sagas" };

export default async function FlowSagas({ params }: { params: Promise<{ name: string }> }) {
  const { name } = await params;
  return <FlowSagasPage name={decodeURIComponent(name)} />;
}
