/** Whether its own group replaces a host by itself, and whether it can launch another at all. Pure. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { commandLine } from '../../../shared/kernel/shell.ts';
import type { Group } from './facts.ts';
import { REPLACING } from './group-processes.ts';
import { isUnhealthy, type HostVerdict } from './host-verdict.ts';
import { groupOf, isShort, shortText, type View } from './view.ts';

function checksOf({ checksByElb, checksByEbs }: Group): string {
  return ['EC2', ...(checksByEbs ? ['EBS'] : []), ...(checksByElb ? ['ELB'] : [])].join(', ');
}

/**
 * The health check types by which the group hears of what is wrong with a host. Of the machine's state and of its own two checks every
 * group hears, of its volumes one that asks for EBS. Source: Amazon EC2 Auto Scaling user guide, "About the health checks for your Auto
 * Scaling group".
 */
function heardBy({ checksByElb, checksByEbs }: Group, { host, state }: HostVerdict): readonly string[] {
  const { system, instance, attachedEbs } = host.checks ?? {};
  const byMachine = state === 'gone' || system === 'impaired' || instance === 'impaired';
  const byVolumes = checksByEbs && attachedEbs === 'impaired';
  const byTargets = checksByElb && host.targets.some(isUnhealthy);
  return [...(byMachine ? ['EC2'] : []), ...(byVolumes ? ['EBS'] : []), ...(byTargets ? ['ELB'] : [])];
}

/** A group that would replace it by itself is given time: two that replace are one too many. */
export function leftToGroup(view: View, verdict: HostVerdict, badForSeconds: number): Decision | undefined {
  const { evidence, limits } = view;
  const { host, why } = verdict;
  const group = groupOf(view, verdict);
  if (group === undefined) return undefined;
  const heard = heardBy(group, verdict);
  const { name } = group;
  if (heard.length === 0) {
    if (!group.checksByElb) return undefined;
    // Whom we take out such a group may find unhealthy, and end with all who are on it.
    const because = `${host.id} ${unmindedWhy(view, verdict)}, and nothing is done beside a group that checks by ELB: let it check by EBS, too, or ask for the host by its id`;
    return refuse(evidence, 'group-does-not-replace', because);
  }
  const by = `its group ${name}, which checks by ${heard.join(' and ')},`;
  const suspended = group.suspended.filter((process) => REPLACING.has(process));
  if (suspended.length > 0) {
    const because = `${host.id} ${why}, and ${by} does not replace it (suspended: ${suspended.join(', ')})`;
    return refuse(evidence, 'group-does-not-replace', because);
  }
  const gone = namesGone(group);
  if (gone !== undefined) return refuse(evidence, 'target-group-gone', `${host.id} ${why}, and ${gone}`);
  if (badForSeconds < limits.groupSeconds)
    return nothing(evidence, 'group-replaces', `${host.id} ${why}: ${by} replaces it`);
  if (!group.checksByElb) return undefined;
  const because = `${host.id} ${why} for ${Math.round(badForSeconds)} s, and ${by} does not replace it`;
  return refuse(evidence, 'group-does-not-replace', because);
}

/** Why a host is bad, and that its group does not act on that where one could think it does. */
export function unmindedWhy(view: View, verdict: HostVerdict): string {
  const { state, why } = verdict;
  const group = groupOf(view, verdict);
  if (group === undefined || state !== 'dead' || heardBy(group, verdict).length > 0) return why;
  return `${why}, on which its group ${group.name} does not act (it checks by ${checksOf(group)})`;
}

/** The group fails each launch. */
function namesGone({ name, goneTargetGroups }: Group): string | undefined {
  if (goneTargetGroups.length === 0) return undefined;
  const commands = goneTargetGroups.map(({ arn, isTrafficSource }) => {
    const named = { AutoScalingGroupName: name };
    return isTrafficSource
      ? commandLine({
          call: 'autoscaling:DetachTrafficSources',
          input: { ...named, TrafficSources: [{ Identifier: arn }] },
        })
      : commandLine({
          call: 'autoscaling:DetachLoadBalancerTargetGroups',
          input: { ...named, TargetGroupARNs: [arn] },
        });
  });
  const arns = goneTargetGroups.map(({ arn }) => arn).join(', ');
  return `each launch of its group ${name} fails, for it names ${arns}, which is gone: ${commands.join('; ')}`;
}

/** A group that has too few members, and gets none. */
export function shortForGood({ facts, evidence }: View): Decision | undefined {
  const found = facts.groups.filter(isShort).find(({ goneTargetGroups }) => goneTargetGroups.length > 0);
  const gone = found === undefined ? undefined : namesGone(found);
  if (found === undefined || gone === undefined) return undefined;
  return refuse(evidence, 'target-group-gone', `${shortText(found)}, and ${gone}`);
}

/** Why nobody would come in the place of a host that is ended; `undefined`: nothing speaks against it. */
export function whyNoneComes(
  view: View,
  verdict: HostVerdict,
): { readonly code: string; readonly because: string } | undefined {
  const group = groupOf(view, verdict);
  if (group === undefined) return undefined;
  // Who is ended by its own tag has to be missed first.
  const needed = group.isTagged ? ['Launch'] : ['Launch', 'HealthCheck', 'ReplaceUnhealthy'];
  const stopped = group.suspended.filter((process) => needed.includes(process));
  if (stopped.length > 0) {
    const because = `its group ${group.name} would launch no other (suspended: ${stopped.join(', ')})`;
    return { code: 'group-does-not-replace', because };
  }
  const gone = namesGone(group);
  return gone === undefined ? undefined : { code: 'target-group-gone', because: gone };
}

/** A host that is ended is missing for as long as its group is kept from launching another. */
export function launchesNone(view: View, verdict: HostVerdict, why: string): Decision | undefined {
  const none = whyNoneComes(view, verdict);
  return none === undefined
    ? undefined
    : refuse(view.evidence, none.code, `${verdict.host.id} ${why}, and ${none.because}`);
}

/** A member of a group that does not register here: whoever it launches would serve nobody here. */
export function notAttached(view: View, { host }: HostVerdict, why: string): Decision | undefined {
  const { evidence, facts, targetGroup } = view;
  if (host.ofOtherGroup === null) return undefined;
  const group = host.ofOtherGroup;
  const attach = commandLine({
    call: 'autoscaling:AttachLoadBalancerTargetGroups',
    input: { AutoScalingGroupName: group, TargetGroupARNs: [facts.target] },
  });
  const because = `${host.id} ${why}, and was registered by hand: its group ${group} does not register its members at ${targetGroup.name}, and another that it launches would serve nobody here. If they all are to serve here: ${attach}`;
  return refuse(evidence, 'group-not-attached', because);
}
