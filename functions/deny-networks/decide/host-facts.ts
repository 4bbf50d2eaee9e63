/** What is decided on about a host: an EC2 instance whose own firewall enforces a blocklist, by way of Systems Manager. */

import type { Published } from '../../../shared/judgement/blocklist/published.ts';
import type { Wishes } from '../../../shared/judgement/blocklist/wishes.ts';
import type { KernelFacts } from '../../../shared/kernel/decision.ts';

/** An instance that is tagged, as EC2 and Systems Manager see it. */
export interface Host {
  readonly id: string;
  /** Its tag `Name`, or its id. */
  readonly name: string;
  /** The blocklist that it enforces: the value of `runbook:block`. */
  readonly blocklist: string;
  /** EC2's word: `running`, `stopped`… One that is terminated is gone. */
  readonly state: string;
  /** When it was started last, ISO 8601: what its kernel was given before that it has lost. A reboot from inside leaves it as it is. */
  readonly launchedAt: string;
  /** What runs on it: `Linux`, `Windows`, `MacOS`. */
  readonly platform: string;
  /** Systems Manager's word for its agent: `Online`, `ConnectionLost`, `Inactive`; `null`: it is not managed. */
  readonly agent: string | null;
}

/** A command that was sent to a host, as Systems Manager tells of it. */
export interface HostCommand {
  /** By which one of ours is known. */
  readonly comment: string;
  /** `Pending`, `InProgress`, `Delayed`, `Success`, `Failed`, `TimedOut`… */
  readonly status: string;
  /** ISO 8601. */
  readonly requestedAt: string;
  /** What its script has printed. */
  readonly said: string;
}

/** A host. */
export interface HostFacts extends KernelFacts {
  readonly kind: 'host';
  readonly arn: string;
  /** `null`: it is gone, or not tagged any more. */
  readonly host: Host | null;
  /** The document of this stack that its commands run. */
  readonly document: string;
  /** What it was given last. */
  readonly published: Published;
  /** Commands since then; read only while it is not known what came of the last one. */
  readonly commands: readonly HostCommand[];
  /** As `forNetworks` narrows them. */
  readonly wishes: Wishes;
}
