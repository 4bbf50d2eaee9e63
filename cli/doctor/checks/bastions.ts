/** Fleets of bastions: what resets sessions whatever the runbook waits for, and what keeps a group from launching. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { list, show, text } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';

const TAG = 'runbook:bastion';
const ELB = 'elastic-load-balancing-v2';
const RUNBOOK = 'heal-bastion';
const sessions = finder('sessions', RUNBOOK);

/**
 * Attributes of a target group that reset sessions, with what Elastic Load Balancing has where nothing is said. Source: "Edit target group
 * attributes for your Network Load Balancer", connection termination for unhealthy targets (on), for deregistered targets (off).
 */
const RESETTING = [
  ['target_health_state.unhealthy.connection_termination.enabled', 'true', 'in the moment in which it turns unhealthy'],
  ['deregistration_delay.connection_termination.enabled', 'false', 'once it was taken out and its delay is over'],
] as const;

/** What a group needs to bring another host. Source: Auto Scaling, "Suspend and resume processes". */
const NEEDED = ['Launch', 'Terminate', 'AddToLoadBalancer', 'HealthCheck', 'ReplaceUnhealthy'] as const;

function attributeOf(group: Shape, key: string): string | undefined {
  const found = list(group, 'Attributes').find((one) => one['Key'] === key);
  return found === undefined ? undefined : show(found['Value']);
}

function ofTargetGroup(group: Shape, lines: Lines): readonly Finding[] {
  const about = `${tagOf(group, TAG) ?? ''} ${show(group['TargetGroupName'])}`.trim();
  const resetting = RESETTING.filter(([key, unsaid]) => (attributeOf(group, key) ?? unsaid) === 'true');
  if (resetting.length === 0)
    return [sessions({ level: 'ok', about, text: 'no session is reset before the runbook has waited for it' })];
  return resetting.map(([Key, , when]) =>
    sessions({
      level: 'warning',
      about,
      text: `resets every session of a host ${when}, whatever the runbook waits for`,
      fix: lines.aws('elasticloadbalancing:ModifyTargetGroupAttributes', {
        TargetGroupArn: show(group['TargetGroupArn']),
        Attributes: [{ Key, Value: 'false' }],
      }),
    }),
  );
}

function ofGroup(group: Shape, lines: Lines, runbook: string = RUNBOOK): readonly Finding[] {
  const about = show(group['AutoScalingGroupName']);
  const suspended = list(group, 'SuspendedProcesses').flatMap((one) => text(one, 'ProcessName') ?? []);
  const lacking = NEEDED.filter((name) => suspended.includes(name));
  if (lacking.length === 0) return [];
  const input = { AutoScalingGroupName: about, ScalingProcesses: [...lacking] };
  return [
    finder(
      'processes',
      runbook,
    )({
      level: 'broken',
      about,
      text: `its processes ${lacking.join(', ')} are suspended: whoever dies is not replaced`,
      fix: lines.aws('autoscaling:ResumeProcesses', input),
    }),
  ];
}

/** Groups whose members carry volumes: whoever is not replaced has nobody to carry them to. */
function ofCarriers(world: World, lines: Lines): readonly Finding[] {
  const carriers = world
    .records('auto-scaling', 'AutoScalingGroups')
    .filter((group) => tagOf(group, 'runbook:volumes') !== undefined);
  return carriers.flatMap((group) => ofGroup(group, lines, 'carry-volumes'));
}

/** The documents that count who is on a host. */
function counters(world: World, fleet: string): readonly Shape[] {
  return world.records('ssm', 'Documents').filter((one) => tagOf(one, TAG) === fleet);
}

function ofFleet(world: World, fleet: string, lines: Lines): Finding {
  const documents = counters(world, fleet).length;
  if (documents === 1)
    return sessions({ level: 'ok', about: fleet, text: 'a document of yours counts who is on a host' });
  return sessions({
    level: 'warning',
    about: fleet,
    text:
      documents === 0
        ? 'nothing counts who is on a host: people are taken to be on it, and each replacement waits for an hour'
        : `${documents} documents are tagged for counting, and one may be: none is run`,
    fix: lines.aws('ssm:AddTagsToResource', {
      ResourceType: 'Document',
      ResourceId: 'DOCUMENT',
      Tags: [{ Key: TAG, Value: fleet }],
    }),
  });
}

/** Looks at the target groups of all fleets and at the groups behind them. */
export function bastionsOf(world: World, lines: Lines): readonly Finding[] {
  const targetGroups = world.records(ELB, 'TargetGroups').filter((one) => tagOf(one, TAG) !== undefined);
  const fleets = new Set(targetGroups.map((one) => tagOf(one, TAG) ?? ''));
  const arns = new Set(targetGroups.map((one) => show(one['TargetGroupArn'])));
  const behind = world.records('auto-scaling', 'AutoScalingGroups').filter((group) => {
    const own: unknown = group['TargetGroupARNs'];
    return Array.isArray(own) && own.some((arn) => arns.has(show(arn)));
  });
  return [
    ...targetGroups.flatMap((one) => ofTargetGroup(one, lines)),
    ...[...fleets].map((fleet) => ofFleet(world, fleet, lines)),
    ...behind.flatMap((one) => ofGroup(one, lines)),
    ...ofCarriers(world, lines),
  ];
}
