import type { StepBehaviour } from "../behaviour";
import type { Disabled } from "../disabled";
import { leavesBy, retryDependency, type StepResult } from "../verdict";

/** What `plan` puts in place of a disabled node. */
export interface DisabledConfig {
  readonly does: Disabled;
  /** The node in the drawing. */
  readonly node: string;
  /** By which messages pass. */
  readonly port: string;
}

const dropped: StepResult = { emit: [] };

/**
 * A node that is disabled. One that blocks is for its lane like a service that is away: the lane is held, no attempt is spent, and nothing
 * is lost; the version that enables it goes on from there.
 */
export const disabledBehaviour: StepBehaviour<DisabledConfig> = {
  role: "step",
  mode: "sync",
  open({ does, node, port }) {
    const blocked = retryDependency(
      "node-disabled",
      `The node \`${node}\` is disabled and blocks: enable it, and deploy.`,
    );
    const result = does === "block" ? blocked : does === "drop" ? dropped : leavesBy(port);
    return { process: (batch) => batch.map(() => result) };
  },
};
