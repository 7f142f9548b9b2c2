import type { Metadata } from "next";
import { SagasPage } from "@/components/sagas/sagas-page";

export const metadata: Metadata = { title: "Sagas" };

export default function Sagas() {
  return <SagasPage />;
}
