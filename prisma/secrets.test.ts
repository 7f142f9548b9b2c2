import { describe, expect, it } from "vitest";
import { deriveControlToken, deriveSessionSecret, openSecrets, SecretsUnreadableError, sealSecrets } from "./secrets";

const master = "a-secret-of-enough-length";

describe("secrets", () => {
  it("opens what it sealed and names what is inside", () => {
    const sealed = sealSecrets(master, { token: "t0ken", password: "pässword", unused: "" });
    expect(sealed.names).toEqual(["password", "token"]);
    expect(openSecrets(master, sealed.ciphertext)).toEqual({ token: "t0ken", password: "pässword" });
    expect(Buffer.from(sealed.ciphertext).includes("t0ken")).toBe(false);
  });

  it("seals the same values differently each time, under the same key id", () => {
    const first = sealSecrets(master, { token: "x" });
    const second = sealSecrets(master, { token: "x" });
    expect(Buffer.from(first.ciphertext).equals(second.ciphertext)).toBe(false);
    expect(first.keyId).toBe(second.keyId);
  });

  it("says when another master secret sealed it", () => {
    const { ciphertext } = sealSecrets(master, { token: "x" });
    expect(() => openSecrets(`${master}-other`, ciphertext)).toThrowError(/another MILLRACE_SECRET/);
  });

  it("refuses changed bytes, wherever they are", () => {
    const { ciphertext } = sealSecrets(master, { token: "x" });
    for (let index = 0; index < ciphertext.length; index++) {
      const changed = Uint8Array.from(ciphertext);
      changed[index]! ^= 1;
      expect(() => openSecrets(master, changed)).toThrowError(SecretsUnreadableError);
    }
  });

  it("opens nothing as no secrets and refuses a short master secret", () => {
    expect(openSecrets(master, null)).toEqual({});
    expect(() => sealSecrets("short", {})).toThrowError(/at least 16/);
  });

  it("derives one secret per purpose", () => {
    expect(deriveControlToken(master)).toBe(deriveControlToken(master));
    expect(deriveControlToken(master)).not.toBe(deriveSessionSecret(master));
    expect(deriveControlToken(master)).not.toBe(deriveControlToken(`${master}2`));
  });
});
