import { describe, expect, it } from "vitest";
import { findConnectionKind } from "../connection-catalog";

const block = (title: string) => `-----BEGIN ${title}-----\nMIIB\n-----END ${title}-----\n`;
const certificate = block("CERTIFICATE");

describe.each([
  ["rabbitmq", {}],
  ["redis", {}],
  ["queue", {}],
  ["kafka", { tls: true }],
])("the certificate authority of a connection to %s", (kind, config) => {
  const accepts = (text: string) =>
    findConnectionKind(kind)!.config.safeParse({ ...config, certificate: text }).success;

  it("is one certificate or several, or left out", () => {
    for (const text of ["", certificate, `# ours\n${certificate}${certificate}`, block("TRUSTED CERTIFICATE")])
      expect(accepts(text)).toBe(true);
  });

  it("is no file name, no half of a certificate, and has no private key beside it", () => {
    for (const text of ["ca.pem", "-----BEGIN CERTIFICATE-----\nMIIB", `${certificate}${block("PRIVATE KEY")}`])
      expect(accepts(text)).toBe(false);
  });
});
