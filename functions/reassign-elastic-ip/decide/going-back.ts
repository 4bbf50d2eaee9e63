/** After a move that could not be verified: back to who held the address before, but only if that is proven good now. Pure. */

import type { Decision, JsonObject, PlannedCall } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { pendingOf } from '../../../shared/judgement/since.ts';
import { standbysNamed } from './by-name.ts';
import { isGood } from './candidates.ts';
import { noteOf, records, unfinished } from './move-records.ts';
import { claimOn, loserOf } from './moving.ts';
import type { Place } from './places.ts';
import type { View } from './view.ts';

/**
 * Goes back, once: what is planned here has no undo, so that a second failure finds nothing to take back. Who failed the
 * move is quarantined: else the same request again would begin the outage anew.
 * @param plan of the move that could not be verified.
 */
export function goBack(view: View, plan: readonly PlannedCall[]): Decision {
  const { facts, holder, health, evidence, now } = view;
  const { address, history } = facts;
  const because = 'the move could not be verified; who held it before is good';
  const act = {
    kind: 'act' as const,
    code: 'went-back',
    because,
    evidence,
    intent: `${address.allocationId} back`,
    budget: 'free' as const,
    attention: true as const,
  };
  const wayBack = wayBackOf(plan);
  const isBack = address.association !== null && leadsTo(wayBack, address.association);
  const left = unfinished(facts, holder, now);
  if (isBack && left.length > 0) return { ...act, note: { ...pendingOf(history)?.note }, plan: left };
  if (wayBack === undefined || isBack)
    return refuse(evidence, 'cannot-go-back', `there is nothing to take back; ${health.why}`);
  if (health.verdict === 'good')
    return nothing(evidence, 'good-after-all', `${health.why}; to go back would only break connections again`);
  const previous = previousHolder(view, wayBack);
  if (previous === undefined)
    return refuse(evidence, 'cannot-go-back', `the previous holder is not proven good; ${health.why}`);
  const loser = loserOf(view);
  const back = { call: 'ec2:AssociateAddress', input: wayBack, because };
  return {
    ...act,
    ...claimOn(facts, previous),
    note: noteOf(address, previous, now, loser),
    plan: [back, ...records(address, now, loser)],
  };
}

/** The association that takes a move back; none for a move from nobody. */
function wayBackOf(plan: readonly PlannedCall[]): JsonObject | undefined {
  return plan.find(({ call, undo }) => call === 'ec2:AssociateAddress' && undo !== undefined)?.undo?.input;
}

function leadsTo(wayBack: JsonObject | undefined, { interfaceId, privateIp }: Place): boolean {
  return wayBack?.['NetworkInterfaceId'] === interfaceId && wayBack['PrivateIpAddress'] === privateIp;
}

/** Who had the address before, if it is good and the private address is still free: exactly that one. */
function previousHolder(view: View, wayBack: JsonObject): ({ readonly id: string } & Place) | undefined {
  const { NetworkInterfaceId: to, PrivateIpAddress: privateIp } = wayBack;
  if (typeof to !== 'string' || typeof privateIp !== 'string') return undefined;
  const ask = { kind: 'move', to, privateIp, interface: null, force: false } as const;
  const [standby] = standbysNamed(view, ask).filter(isGood);
  return standby === undefined || standby.slot === null ? undefined : { id: standby.machine.id, ...standby.slot };
}
