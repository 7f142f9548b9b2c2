import type { Metadata } from "next";
import { SagaPage } from "@/components/sagas/saga-page";

export const metadata: Metadata = { title: "Saga" };

export default async function Saga({ params }: { params: Promise<{ id: string }> }) {
  const { id } = await params;
  return <SagaPage id={id} />;
}
