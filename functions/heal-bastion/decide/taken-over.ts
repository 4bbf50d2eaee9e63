/**
 * What may have changed about a host that is out, while people on it were waited for: an hour is time enough to take back an opt-in, or to
 * take the host away from its group. Pure.
 */

import type { Decision, Refuse } from '../../../shared/kernel/decision.ts';
import { shellLine } from '../../../shared/kernel/shell.ts';
import { refuse } from '../../../shared/judgement/decisions.ts';
import { pendingOf } from '../../../shared/judgement/since.ts';
import type { FleetFacts } from './facts.ts';
import type { HostVerdict } from './host-verdict.ts';
import { groupOf, isOptedIn, portsIn, replacementIn, type Replacement, type View } from './view.ts';

/** The line that registers a host at the ports that it was taken out of; where they are not known at that of the target group. */
function registering(target: string, id: string, ports: readonly number[]): string {
  const targets = ports.length === 0 ? [`Id=${id}`] : ports.map((port) => `Id=${id},Port=${port}`);
  return shellLine('aws', 'elbv2', 'register-targets', '--target-group-arn', target, '--targets', ...targets);
}

/** What brings back a host that its group still has, but not in service. */
function comingBack({ host: { id, membership } }: HostVerdict): string | undefined {
  if (membership?.lifecycleState !== 'Standby') return undefined;
  return shellLine(
    'aws',
    'autoscaling',
    'exit-standby',
    '--auto-scaling-group-name',
    membership.group,
    '--instance-ids',
    id,
  );
}

/** Somebody has moved it: where it is now; `undefined`: it is where it was. */
function movedTo({ host: { membership, ofOtherGroup } }: HostVerdict, { group }: Replacement): string | undefined {
  if (membership === null && ofOtherGroup !== null)
    return `is a member of ${ofOtherGroup}, which does not register its members here`;
  if (membership === null) return 'is a member of no group any more';
  if (group !== null && membership.group !== group)
    return `is a member of ${membership.group} now, and not of ${group}`;
  return membership.lifecycleState === 'InService'
    ? undefined
    : `is ${membership.lifecycleState} in ${membership.group}`;
}

/** Whom a person has taken away from the group is that person's: neither ended nor put back. `undefined`: nobody has. */
export function takenOver(view: View, verdict: HostVerdict, replacement: Replacement): Decision | undefined {
  const { evidence, facts, targetGroup } = view;
  const { id } = verdict.host;
  const where = movedTo(verdict, replacement);
  if (where === undefined) return undefined;
  const line = comingBack(verdict) ?? registering(facts.target, id, replacement.ports);
  const because = `${id} was deregistered to be replaced, and ${where} since: it is left as it is, not ended, and registered at ${targetGroup.name} no more. To have it there again: ${line}`;
  return { ...refuse({ ...evidence, takenOver: id }, 'taken-over', because), over: true };
}

/** Why a host that is out may not be ended any more; `undefined`: it may. */
export function optedOut(view: View, verdict: HostVerdict, { isByGroup }: Replacement): string | undefined {
  const { id, membership } = verdict.host;
  const tag = `the tag runbook:bastion = ${view.targetGroup.fleet}`;
  const group = membership?.group ?? 'that launched it';
  if (!isOptedIn(view, verdict)) return `neither ${id} nor its group ${group} has ${tag} any more`;
  // Another call would end it, and with other consequences, than was meant when it was taken out.
  if (isByGroup && groupOf(view, verdict)?.isTagged !== true) return `its group ${group} has not ${tag} any more`;
  return undefined;
}

/** It was never asked to end, and nobody sees it any more: a group gone, a detached host. That it has ended is not known. */
export function outOfSight({ evidence, facts, targetGroup }: View, { host: id, ports }: Replacement): Refuse {
  const because = `${id} was deregistered to be replaced, and is not seen any more: no group that registers at ${targetGroup.name} has it, and it has no tag. It was not ended from here. If it still runs, and is to serve: ${registering(facts.target, id, ports)}`;
  return { ...refuse({ ...evidence, takenOver: id }, 'taken-over', because), over: true };
}

/** Where nothing can be judged: the host that is out all the same, with what registers it. It is neither ended nor put back meanwhile. */
export function leftOut(view: View, unfit: Refuse): Refuse {
  const { facts, verdicts, replacement } = view;
  const { back, at, ports } = pendingOf(facts.history)?.note ?? {};
  const id = replacement?.host ?? back;
  const host = verdicts.find((each) => each.host.id === id)?.host;
  const isEnding = (replacement?.endedAt ?? null) !== null;
  // A target that no load balancer uses is `unused`, and registered.
  const isOut = host?.state === 'running' && host.targets.every(({ state }) => state === 'draining');
  if (host === undefined || isEnding || !isOut) return unfit;
  const outSince = replacement?.outAt ?? at ?? null;
  const line = registering(facts.target, host.id, portsIn(ports));
  const because = `${unfit.because}; ${host.id} is deregistered, and is neither ended nor registered again meanwhile. To have it there again: ${line}`;
  return { ...unfit, because, evidence: { ...unfit.evidence, replacing: host.id, outSince } };
}

/** The target group is gone, or lost its tag, while a host was out: all that is known is what was announced. `undefined`: none was out. */
export function outOfReach(facts: FleetFacts): Refuse | undefined {
  const { target, history } = facts;
  const { back, ports } = pendingOf(history)?.note ?? {};
  const replacement = replacementIn(facts);
  const id = replacement?.host ?? back;
  if (typeof id !== 'string') return undefined;
  const what =
    (replacement?.endedAt ?? null) === null
      ? `${id} was taken out of it, was not ended, and is not put back. If it still runs, and is to serve: ${registering(target, id, portsIn(ports))}`
      : `${id} was taken out of it and ended, and nobody watches who comes in its place`;
  const because = `${target} is gone, or has no tag runbook:bastion any more; ${what}`;
  return { ...refuse({ target, takenOver: id }, 'taken-over', because), over: true };
}
