/** A server that a script or a test started. */
export interface Server {
  name: string;
  port: number;
  version: string;
  /** Again, on the same port and data, after `stop` or `kill`. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** As a crash. */
  kill(): Promise<void>;
}
