/** What a decision about an Elastic IP is made from: what asks, the address, the instances of its name, and the limits. */

import type { KernelFacts } from '../../../shared/kernel/decision.ts';
import type { HookFacts } from '../../../shared/judgement/hooks.ts';
import type { InstanceFacts, ScheduledEvent } from '../../../shared/judgement/instance-health.ts';
import type { FencePolicy } from './fencing.ts';
import type { Wish } from './wish.ts';

/** The kinds of event that start a run. */
export type EventTrigger = 'alarm' | 'state' | 'launch-hook' | 'terminate-hook' | 'launch-result';

/** What started the run. `raised`: false for an alarm that went to OK or INSUFFICIENT_DATA. */
export type Ask =
  | { readonly kind: 'reconcile' }
  | {
      readonly kind: 'event';
      readonly trigger: EventTrigger;
      readonly instanceIds: readonly string[];
      readonly raised: boolean;
      readonly alarmNames: readonly string[];
    }
  | MoveAsk
  | { readonly kind: 'fail-back'; readonly force: boolean };

/** A person names where the address is to go. */
export type MoveAsk = {
  readonly kind: 'move';
  /** An instance, or an interface, and then that one. */
  readonly to: string;
  /** The private address there that is to carry it; `null`: any that fits. */
  readonly privateIp: string | null;
  /** Which of the instance's interfaces, as the tag `runbook:interface` would say it; `null`: as the tag says, or like the present place. */
  readonly interface: Wish | null;
  readonly force: boolean;
};

/**
 * An alarm that is in ALARM now, read again. `status`: only EC2's own status checks, which are read directly; `load`: how
 * busy an instance is, which is no failure; `service`: what the operator measures of the service.
 */
export interface AlarmFacts {
  readonly name: string;
  readonly kind: 'status' | 'load' | 'service';
  readonly instanceIds: readonly string[];
  readonly updatedAt: string;
}

/** `none`: nothing to knock at, or no probe asked for. */
export type ProbeReading = 'ok' | 'failed' | 'none';

/** An instance that carries the address's name, or holds the address without carrying it. */
export interface Machine extends InstanceFacts {
  readonly vip: string | null;
  /** ARN of the Outpost that it runs on; `null`: in the Region. */
  readonly outpost: string | null;
  /** Lower first. */
  readonly priority: number;
  readonly quarantinedAt: string | null;
  /** Every volume of its group's set is attached; true where there is no set. */
  readonly volumesComplete: boolean;
  /** The probe of its own public address; `none` where it has none or the address asks for no probe. */
  readonly probe: ProbeReading;
  /** What EC2 has in mind for it, the soonest first. */
  readonly scheduled: readonly ScheduledEvent[];
  /** What AWS left out of its record, without which nothing can be said of it; `null`: nothing. */
  readonly unreadable: string | null;
}

/** The address: where it is, what its tags ask for, and what they say of its moves. */
export interface AddressFacts {
  readonly allocationId: string;
  /** Or the carrier's, or the customer's own: what it is called. */
  readonly publicIp: string;
  readonly vip: string;
  readonly borderGroup: string;
  /** Of a pool of the customer's own, which only an Outpost serves. */
  readonly isCustomerOwned: boolean;
  /** `instanceId` null: a NAT gateway or its like. */
  readonly association: {
    readonly instanceId: string | null;
    readonly interfaceId: string;
    readonly privateIp: string;
  } | null;
  /** Which private address of an instance is to carry it, by the tag `runbook:interface`; `null`: one like the present. */
  readonly wish: Wish | null;
  readonly fence: FencePolicy;
  /** The `runbook:probe` tag; `probe` is what it said of the present holder. */
  readonly probeTag: string | null;
  readonly probe: ProbeReading;
  readonly failbackMinutes: number | null;
  readonly movedAt: string | null;
  readonly moves: number;
  /** Without the ledger a move is announced in the tags: the instance it is to bring the address to. */
  readonly announcedTo: string | null;
  /** The place that it leaves, as one word; `null`: none, or an older version announced it, which did not say. */
  readonly announcedFrom: string | null;
  /** Who is to be quarantined for it. */
  readonly announcedLoser: string | null;
  /** Tags whose value cannot be read. */
  readonly problems: readonly string[];
}

/** The interface that holds the address and is attached to no instance. */
export interface LoneInterface {
  /** Whose it is, in words, where EC2 gives nobody else the address: `nat_gateway (its description)`; `null`: the account's own. */
  readonly service: string | null;
  /** It is attached to nothing, as one that outlived its instance. */
  readonly isLoose: boolean;
}

/** Everything seen at one look, both sides. */
export interface Facts extends KernelFacts {
  readonly ask: Ask;
  /** The address was there when the run began, and is not (ours) any more. */
  readonly isReleased?: true;
  readonly address: AddressFacts;
  /** What holds the address where that is no instance; absent: one does, nobody does, or EC2 shows no such interface. */
  readonly loneInterface?: LoneInterface;
  /** All addresses of its name, itself among them or not. Those that look for a place too share what there is with it. */
  readonly siblings: readonly AddressFacts[];
  readonly instances: readonly Machine[];
  readonly hooks: readonly HookFacts[];
  /** The event's lifecycle action does not show yet in what Auto Scaling says of the instance. */
  readonly hookUnseen: boolean;
  readonly alarms: readonly AlarmFacts[];
}

/** The limits a decision looks at; their values and sources stand in `handler.ts`. */
export interface ElasticIpLimits {
  readonly maxAgeSeconds: number;
  readonly cooldownSeconds: number;
  /** How long a booting instance is waited for, from its launch. */
  readonly maxBootSeconds: number;
  /** How long status checks must stay unreadable before a second sign makes them bad. */
  readonly doubtSeconds: number;
  /** How long a loser must be steady before it is a candidate again. */
  readonly quarantineSeconds: number;
  /** Least time between two moves of an address while the ledger does not answer. */
  readonly unledgeredSeconds: number;
  /** Age from which an answered or announced thing is another run's, not this one's: half the schedule. */
  readonly echoSeconds: number;
  /** A remembered probe success is renewed after so long. */
  readonly baselineSeconds: number;
  /** How long an address leaves a place to another of its name that comes first and does not take it. */
  readonly yieldSeconds: number;
}
