"use client";

import { useRouter, useSearchParams } from "next/navigation";
import { PageHeader } from "../shell/page-header";
import { useHasRole } from "../shell/session";
import { TabPanel, Tabs } from "../ui/tabs";
import { Account } from "./account";
import { Appearance } from "./appearance";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";
import { Users } from "./users";

type Tab = "appearance" | "account" | "sessions" | "tokens" | "users";

export function SettingsPage() {
  const router = useRouter();
  const asked = useSearchParams().get("tab");
  const isAdmin = useHasRole("admin");
  const tabs: { value: Tab; label: string }[] = [
    { value: "appearance", label: "Appearance" },
    { value: "account", label: "Account" },
    { value: "sessions", label: "Sessions" },
    { value: "tokens", label: "API tokens" },
    ...(isAdmin ? [{ value: "users" as const, label: "Users" }] : []),
  ];
  const tab = tabs.find(({ value }) => value === asked)?.value ?? "appearance";
  return (
    <div className="flex h-full min-h-0 flex-col">
      <PageHeader title="Settings" />
      <Tabs<Tab>
        label="Settings"
        tabs={tabs}
        value={tab}
        onValueChange={(next) => router.replace(`/settings?tab=${next}`, { scroll: false })}
        className="min-h-0 flex-1 bg-surface pt-1"
      >
        <TabPanel value="appearance" className="bg-bg">
          <Appearance />
        </TabPanel>
        <TabPanel value="account" className="bg-bg">
          <Account />
        </TabPanel>
        <TabPanel value="sessions" className="bg-bg">
          <Sessions />
        </TabPanel>
        <TabPanel value="tokens" className="bg-bg">
          <Tokens />
        </TabPanel>
        <TabPanel value="users" className="bg-bg">
          <Users />
        </TabPanel>
      </Tabs>
    </div>
  );
}
