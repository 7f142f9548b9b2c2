import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Secrets of connections, sealed with AES-256-GCM under a key that is derived from MILLRACE_SECRET.
 * Ciphertext = format (1 byte) · key id (8) · nonce (12) · tag (16) · data. The key id tells which secret sealed it, so that a wrong
 * one is named as such and keys can be changed later.
 */
const format = 1;
const keyIdBytes = 8;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + keyIdBytes + nonceBytes + tagBytes;

export interface SealedSecrets {
  ciphertext: Uint8Array<ArrayBuffer>;
  keyId: string;
  /** Names of the secrets inside, sorted: the column `secretsSet`. */
  names: string[];
}

/** Thrown when ciphertext cannot be opened: sealed under another MILLRACE_SECRET, or damaged. Never carries a secret. */
export class SecretsUnreadableError extends Error {
  constructor(
    readonly code: "secrets-other-key" | "secrets-damaged",
    message: string,
  ) {
    super(message);
    this.name = "SecretsUnreadableError";
  }
}

/** Seals values by name. Empty values are left out: an empty secret is one that is not set. */
export function sealSecrets(masterSecret: string, secrets: Record<string, string>): SealedSecrets {
  const entries = Object.entries(secrets).filter(([, value]) => value !== "");
  const key = deriveKey(masterSecret, "connection-secrets");
  const nonce = randomBytes(nonceBytes);
  const head = Buffer.concat([Buffer.from([format]), readKeyId(key)]);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(head);
  const data = Buffer.concat([cipher.update(JSON.stringify(Object.fromEntries(entries)), "utf8"), cipher.final()]);
  return {
    ciphertext: new Uint8Array(Buffer.concat([head, nonce, cipher.getAuthTag(), data])),
    keyId: readKeyId(key).toString("hex"),
    names: entries.map(([name]) => name).sort(),
  };
}

/** Opens what `sealSecrets` made; nothing stored opens as no secrets. @throws SecretsUnreadableError */
export function openSecrets(masterSecret: string, ciphertext: Uint8Array | null | undefined): Record<string, string> {
  if (!ciphertext || ciphertext.length === 0) return {};
  const bytes = Buffer.from(ciphertext.buffer, ciphertext.byteOffset, ciphertext.byteLength);
  if (bytes[0] !== format || bytes.length < headerBytes) throw createDamagedError();
  const key = deriveKey(masterSecret, "connection-secrets");
  const head = bytes.subarray(0, 1 + keyIdBytes);
  if (!head.subarray(1).equals(readKeyId(key))) {
    throw new SecretsUnreadableError(
      "secrets-other-key",
      "The secrets of this connection were saved under another MILLRACE_SECRET. Start with that secret, or enter them again.",
    );
  }
  const nonce = bytes.subarray(head.length, head.length + nonceBytes);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce);
  decipher.setAAD(head);
  decipher.setAuthTag(bytes.subarray(head.length + nonceBytes, headerBytes));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(headerBytes)), decipher.final()]).toString("utf8");
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw createDamagedError();
  }
}

/** The token that the server shows to a worker's control endpoint. */
export function deriveControlToken(masterSecret: string): string {
  return deriveKey(masterSecret, "control-endpoint").toString("base64url");
}

/** Does an `authorization` header show this token? Without one to show, everybody may. */
export function fitsBearer(header: string | null | undefined, token: string | undefined): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return token === undefined || timingSafeEqual(digest(header ?? ""), digest(`Bearer ${token}`));
}

/** The secret that signs browser sessions. */
export function deriveSessionSecret(masterSecret: string): string {
  return deriveKey(masterSecret, "browser-sessions").toString("base64url");
}

function deriveKey(masterSecret: string, purpose: string): Buffer {
  if (masterSecret.length < 16) throw new Error("MILLRACE_SECRET must have at least 16 characters.");
  return Buffer.from(hkdfSync("sha256", masterSecret, "millrace", purpose, 32));
}

function readKeyId(key: Buffer): Buffer {
  return createHash("sha256").update("key-id").update(key).digest().subarray(0, keyIdBytes);
}

function createDamagedError(): SecretsUnreadableError {
  return new SecretsUnreadableError(
    "secrets-damaged",
    "The stored secrets of this connection cannot be read. Enter them again.",
  );
}
