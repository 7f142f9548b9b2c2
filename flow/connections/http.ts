/**
 * An HTTP service: a base address, how to sign in, and headers for every request. It keeps nothing.
 * Sharp edge: a node's whole address (https://…) goes where it says, without the base address and without this connection's sign-in.
 */
import * as z from "zod";
import { defineConnectionKind } from "../connection-kind";

const config = z.strictObject({
  baseUrl: z
    .string()
    .regex(/^$|^https?:\/\/[^\s@]+$/, "an address looks like https://api.example.com, without user and password")
    .default("")
    .meta({
      title: "Base address",
      help: "Stands before the addresses of the nodes that begin with a slash.",
      placeholder: "https://api.example.com",
    }),
  auth: z
    .enum(["none", "bearer", "basic"])
    .default("none")
    .meta({ title: "Sign-in", help: "How requests say who asks.", widget: "select" }),
  username: z
    .string()
    .optional()
    .meta({ title: "User name", when: { field: "auth", is: ["basic"] } }),
  headers: z
    .record(z.string().min(1), z.string().meta({ title: "Value" }))
    .default({})
    .meta({
      title: "Headers",
      help: "Sent with every request. Not secret: they are shown on this page.",
      widget: "key-values",
      advanced: true,
    }),
});
export type HttpConfig = z.output<typeof config>;

export const http = defineConnectionKind({
  kind: "http",
  label: "HTTP",
  summary: "A service with an HTTP interface",
  icon: "globe",
  config,
  address: { field: "baseUrl", whenEmpty: "Any address: nodes say where" },
  secrets: [
    {
      name: "token",
      title: "Token",
      help: "For sign-in by bearer token.",
      when: { field: "auth", is: ["bearer"] },
    },
    {
      name: "password",
      title: "Password",
      help: "For sign-in with user name and password.",
      when: { field: "auth", is: ["basic"] },
    },
  ],
  missing: ({ auth, baseUrl, username }, secretsSet) => {
    if (auth === "none") return [];
    const needs = [
      // Without one, whatever address a node names would be sent the credentials.
      baseUrl === "" ? "Sign-in needs a base address: credentials are sent nowhere else." : "",
      auth === "bearer" && !secretsSet.includes("token") ? "Sign-in by bearer token needs a token." : "",
      auth === "basic" && !username ? "Basic sign-in needs a user name." : "",
      auth === "basic" && !secretsSet.includes("password") ? "Basic sign-in needs a password." : "",
    ];
    return needs.filter((words) => words !== "");
  },
  guarantees: "The service decides what it keeps. A request may be sent twice; each carries an `Idempotency-Key`.",
  places: [],
});
