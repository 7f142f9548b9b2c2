import { expect } from "vitest";
import { type Transport, TransportError } from "../transport";

/** What a test of the connection says against a broker that cannot be reached by it; closes it. */
export async function refusalOf(transport: Transport): Promise<string> {
  try {
    return await transport.test();
  } catch (error) {
    expect(error).toBeInstanceOf(TransportError);
    expect((error as TransportError).reason.code).toBe("broker-unreachable");
    return (error as TransportError).message;
  } finally {
    await transport.close();
  }
}
