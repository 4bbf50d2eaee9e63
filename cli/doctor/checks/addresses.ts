/** Whether each Elastic IP that may be moved has somewhere to go: its holder is stopped in the copy, and the runbook is asked. */

import type { Shape, World } from '../../../simulator/engine/model.ts';
import { find, records, show, text } from '../../../simulator/services/ec2/state.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import type { ParsedWorld, ScriptStep } from '../../../simulator/world/world-file.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { addresses, holderOf, VIP } from '../../../rehearsal/reassign-elastic-ip/moves.ts';
import { flawOf } from '../../../rehearsal/reassign-elastic-ip/holders.ts';
import { placedIn } from '../../../rehearsal/whatif/wards/addresses.ts';
import { QUARANTINED } from '../../operate/quarantine.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { counted, finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';
import { saidOf } from '../tried.ts';

const RUNBOOK = 'reassign-elastic-ip';
const standby = finder('standby', RUNBOOK);
/** Each takes a tenth of a second; who has more of them asks `whatif`, which loses all of them. */
const MOST_TRIED = 100;

function stopped(instanceId: string): ScriptStep['set'] {
  return { [`ec2/Instances/${instanceId}/State`]: { Code: 80, Name: 'stopped' } };
}

function named(world: World, instanceId: string): string {
  const name = tagOf(find(world, 'Instances', instanceId), 'Name');
  return name === undefined || name === '' ? instanceId : `${instanceId} (${name})`;
}

/** Whoever carries the name of the address and could not take it as it is. */
function unfitOnes(world: World, vip: string, holder: string): readonly string[] {
  const own = records(world, 'Instances').filter((one) => tagOf(one, VIP) === vip);
  return own.flatMap((one) => {
    const id = show(one['InstanceId']);
    return id === holder ? [] : (flawOf(world, id) ?? []);
  });
}

/** The standby that can be had with one line: a stopped one is started, else an instance is given the tag. */
function fixFor(world: World, vip: string, holder: string, lines: Lines): string {
  const asleep = records(world, 'Instances').find(
    (one) =>
      tagOf(one, VIP) === vip &&
      show(one['InstanceId']) !== holder &&
      flawOf(world, show(one['InstanceId'])) === `${show(one['InstanceId'])} is stopped`,
  );
  const shut = records(world, 'Instances').find(
    (one) => tagOf(one, VIP) === vip && show(one['InstanceId']) !== holder && tagOf(one, QUARANTINED) !== undefined,
  );
  if (shut !== undefined) return lines.runbook('clear', show(shut['InstanceId']), '--reason', 'WHY');
  if (asleep !== undefined) return lines.aws('ec2:StartInstances', { InstanceIds: [show(asleep['InstanceId'])] });
  return tagLine(vip, lines);
}

/** Where the address would go, by the plan. */
function goingTo(world: World, { plan }: Pick<RunResult, 'plan'>): string | undefined {
  const move = plan.find(({ call }) => call === 'ec2:AssociateAddress');
  const instance = move?.input['InstanceId'];
  if (typeof instance === 'string') return instance;
  const interfaceId = move?.input['NetworkInterfaceId'];
  const attached = records(world, 'Instances').find((one) => JSON.stringify(one).includes(`"${show(interfaceId)}"`));
  return typeof interfaceId === 'string' && attached !== undefined ? show(attached['InstanceId']) : undefined;
}

/** An address, and who has it. */
interface Held {
  readonly about: string;
  readonly vip: string;
  readonly holder: string;
}

function tagLine(vip: string, lines: Lines): string {
  return lines.aws('ec2:CreateTags', { Resources: ['INSTANCE'], Tags: [{ Key: VIP, Value: vip }] });
}

function ofPlan({ world, lines }: Trial, result: RunResult, { about, vip, holder }: Held): Finding {
  const standbyId = goingTo(world, result);
  if (standbyId === undefined) return standby({ level: 'ok', about, text: `has somewhere to go: ${result.reason}` });
  const zone = placedIn(world, holder);
  if (zone === '' || zone !== placedIn(world, standbyId))
    return standby({ level: 'ok', about, text: `would go from ${named(world, holder)} to ${named(world, standbyId)}` });
  return standby({
    level: 'warning',
    about,
    text: `would go from ${named(world, holder)} to ${named(world, standbyId)}, which is in the same zone ${zone}: a zone that fails takes both`,
    fix: tagLine(vip, lines),
  });
}

async function ofAddress(trial: Trial, address: Shape): Promise<Finding | undefined> {
  const { world, parsed, runbook, lines } = trial;
  const vip = tagOf(address, VIP) ?? '';
  const about = `${vip} ${text(address, 'PublicIp') ?? ''} ${show(address['AllocationId'])}`.trim();
  const holder = holderOf(world, address);
  if (holder === undefined || flawOf(world, holder) !== undefined) return undefined;
  const said = await saidOf(parsed, runbook, [runbook], stopped(holder));
  if ('why' in said) return standby({ level: 'unread', about, text: `cannot be played: ${said.why}` });
  const own = said.results.find(({ target = '' }) => target.endsWith(show(address['AllocationId'])));
  if (own?.outcome === 'planned') return ofPlan(trial, own, { about, vip, holder });
  const unfit = unfitOnes(world, vip, holder);
  const whose = unfit.length === 0 ? '' : ` (${unfit.join('; ')})`;
  const why = own === undefined ? 'nothing was said of it' : own.reason;
  return standby({
    level: 'broken',
    about,
    text: `stays where it is when ${named(world, holder)} stops: ${why}${whose}`,
    fix: fixFor(world, vip, holder, lines),
  });
}

/** What is needed to try one out. */
interface Trial {
  readonly world: World;
  readonly parsed: ParsedWorld;
  readonly runbook: DeployedFunction;
  readonly lines: Lines;
}

/** Who stands by for a name that no address has. */
function idle(world: World, lines: Lines): readonly Finding[] {
  const known = new Set(addresses(world).map((one) => tagOf(one, VIP)));
  const names = new Set(records(world, 'Instances').flatMap((one) => tagOf(one, VIP) ?? []));
  return [...names]
    .filter((name) => !known.has(name))
    .map((name) =>
      standby({
        level: 'warning',
        about: name,
        text: `instances are tagged ${VIP} = ${name}, and no Elastic IP is: they stand by for nothing`,
        fix: lines.aws('ec2:CreateTags', { Resources: ['ALLOCATION'], Tags: [{ Key: VIP, Value: name }] }),
      }),
    );
}

/** Asks the runbook for each address. */
export async function standbysOf(trial: Trial): Promise<readonly Finding[]> {
  const all = addresses(trial.world);
  const findings: Finding[] = [];
  for (const address of all.slice(0, MOST_TRIED)) {
    const found = await ofAddress(trial, address);
    if (found !== undefined) findings.push(found);
  }
  const left = all.length - MOST_TRIED;
  if (left > 0)
    findings.push(
      standby({
        level: 'unread',
        text: `${counted(left, 'address', 'addresses')} more were not tried: the first ${MOST_TRIED} are`,
        fix: 'npx runbook whatif world.json --loss instance',
      }),
    );
  return [...findings, ...idle(trial.world, trial.lines)];
}
