/** Fleets of bastions: one serves while each of its zones that is there has a healthy host. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { list, part, show, zoneIsDark } from '../../../simulator/services/ec2/state.ts';
import { tagOf } from '../../records.ts';
import { placedIn, rootsOf } from './addresses.ts';
import { GOOD, type Look, type Ward } from './ward.ts';

/** A host is waited for as long as somebody is on it, its replacement for as long as it boots: both are over within the hour or told. */
const PATIENCE_SECONDS = 3_600;

const TAG = 'runbook:bastion';
const ELB = 'elastic-load-balancing-v2';

function targetsOf(world: World, arn: string): readonly Shape[] {
  const records = world.records(ELB, 'TargetHealth').filter((one) => one['TargetGroupArn'] === arn);
  return records.flatMap((one) => ('Target' in one ? [one] : list(one, 'TargetHealthDescriptions')));
}

function idOf(target: Shape): string {
  return show(part(target, 'Target')['Id']);
}

/** Zones with a host that takes connections; what is lost with its zone is healthy no more, whatever its last check said. */
function servedZones(world: World, arn: string): ReadonlySet<string> {
  const healthy = targetsOf(world, arn).filter((one) => part(one, 'TargetHealth')['State'] === 'healthy');
  const zones = healthy.map((target) => placedIn(world, idOf(target)));
  return new Set(zones.filter((zone) => !zoneIsDark(world, zone)));
}

function lookAt(world: World, arn: string, zones: readonly string[]): Look {
  const served = servedZones(world, arn);
  if (served.size === 0) return { level: 'bad', what: 'has no healthy host' };
  const without = zones.filter((zone) => !served.has(zone) && !zoneIsDark(world, zone));
  return without.length === 0 ? GOOD : { level: 'partly', what: `has no healthy host in ${without.join(', ')}` };
}

/** The fleets that a runbook looks after. */
export function bastionWards(world: World): readonly Ward[] {
  return world.records(ELB, 'TargetGroups').flatMap((group): Ward[] => {
    const fleet = tagOf(group, TAG);
    if (fleet === undefined) return [];
    const arn = show(group['TargetGroupArn']);
    const hosts = new Set(targetsOf(world, arn).map(idOf));
    const zones = [...servedZones(world, arn)].toSorted();
    return [
      {
        kind: 'bastion',
        id: show(group['TargetGroupName']),
        name: `bastion ${fleet}`,
        runbook: 'heal-bastion',
        parts: new Set([...hosts, ...rootsOf(world, hosts)]),
        patienceSeconds: PATIENCE_SECONDS,
        look: (now) => lookAt(now, arn, zones),
      },
    ];
  });
}
