export function isPortFree(port: number, host?: string): Promise<boolean>;
/** A free port chosen by the system. */
export function findAnyPort(): Promise<number>;
