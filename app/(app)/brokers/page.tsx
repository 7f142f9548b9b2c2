import type { Metadata } from "next";
import { BrokersPage } from "@/components/broker/brokers-page";

export const metadata: Metadata = { title: "Brokers" };

export default function Brokers() {
  return <BrokersPage />;
}
