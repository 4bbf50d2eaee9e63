/** Whether each Elastic IP that may be moved has somewhere to go: its holder is stopped in the copy, and the runbook is asked. */

import { isRecord } from '../../../simulator/engine/json.ts';
import type { World } from '../../../simulator/engine/model.ts';
import { find, records, show, text } from '../../../simulator/services/ec2/state.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import type { ParsedWorld, ScriptStep } from '../../../simulator/world/world-file.ts';
import { tagOf } from '../../../rehearsal/records.ts';
import { addresses, holderOf, VIP } from '../../../rehearsal/reassign-elastic-ip/moves.ts';
import { flawOf } from '../../../rehearsal/reassign-elastic-ip/holders.ts';
import { addressWards, placedIn } from '../../../rehearsal/whatif/wards/addresses.ts';
import { QUARANTINED } from '../../operate/quarantine.ts';
import type { RunResult } from '../../../shared/kernel/report/result.ts';
import { counted, finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';
import { saidOf, type Said } from '../tried.ts';

const RUNBOOK = 'reassign-elastic-ip';
const standby = finder('standby', RUNBOOK);
/** Each takes half a second in an account of 200 instances; who needs more of them asks `whatif`, which loses all of them. */
const MOST_TRIALS = 100;
/** Half of the holders that may fail at once before the runbook takes it for a mistake: `maxTargets` in its `handler.ts`. */
const MOST_AT_ONCE = 25;

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
  readonly id: string;
  /** Everybody who is something to it: its holder, candidates, their root volumes. */
  readonly parts: ReadonlySet<string>;
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

/** What is held against whoever could have taken it: in the runbook's words, else as the world shows it. */
function against(world: World, { vip, holder }: Held, own: RunResult | undefined): string {
  const { standbys } = own?.evidence ?? {};
  const said = isRecord(standbys) ? Object.entries(standbys).map(([id, verdict]) => `${id} ${show(verdict)}`) : [];
  const unfit = said.length > 0 ? said : unfitOnes(world, vip, holder);
  const few = unfit.slice(0, MOST_NAMED).join('; ');
  return unfit.length > MOST_NAMED ? `${few}; and ${unfit.length - MOST_NAMED} more` : few;
}

/** So many candidates a line names. */
const MOST_NAMED = 5;

function ofSaid(trial: Trial, held: Held, said: Said): Finding {
  const { world, lines } = trial;
  const { about, vip, holder } = held;
  if ('why' in said) return standby({ level: 'unread', about, text: `cannot be played: ${said.why}` });
  const own = resultOf(said, held);
  if (own?.outcome === 'planned') return ofPlan(trial, own, held);
  const unfit = against(world, held, own);
  const why = own === undefined ? 'nothing was said of it' : own.reason;
  return standby({
    level: 'broken',
    about,
    text: `stays where it is when ${named(world, holder)} stops: ${why}${unfit === '' ? '' : ` (${unfit})`}`,
    fix: fixFor(world, vip, holder, lines),
  });
}

function resultOf(said: Said | undefined, { id }: Held): RunResult | undefined {
  return said === undefined || 'why' in said ? undefined : said.results.find(({ target = '' }) => target.endsWith(id));
}

/** The addresses that are on a good holder, in their order. */
function heldIn(world: World): readonly Held[] {
  const parts = new Map(addressWards(world).map((ward) => [ward.id, ward.parts]));
  return addresses(world).flatMap((address): Held[] => {
    const vip = tagOf(address, VIP) ?? '';
    const id = show(address['AllocationId']);
    const holder = holderOf(world, address);
    if (holder === undefined || flawOf(world, holder) !== undefined) return [];
    const about = `${vip} ${text(address, 'PublicIp') ?? ''} ${id}`.trim();
    return [{ about, vip, holder, id, parts: parts.get(id) ?? new Set([holder]) }];
  });
}

/** Sets of addresses that are tried at the same time: no instance is anything to two sets. Each is tried as if it were alone. */
function together(sets: readonly (readonly Held[])[]): readonly (readonly Held[])[] {
  const trials: { readonly all: Held[]; readonly parts: Set<string> }[] = [];
  for (const held of sets) {
    const parts = held.flatMap((one) => [...one.parts]);
    const fit = trials.find(
      (one) => one.all.length + held.length <= MOST_AT_ONCE && parts.every((part) => !one.parts.has(part)),
    );
    if (fit === undefined) trials.push({ all: [...held], parts: new Set(parts) });
    else {
      fit.all.push(...held);
      for (const part of parts) fit.parts.add(part);
    }
  }
  return trials.map(({ all }) => all);
}

/** What is said of each when the holders stop; of several where something cannot be played each is asked about by itself. */
async function triedOf({ parsed, runbook }: Trial, all: readonly Held[]): Promise<ReadonlyMap<Held, Said>> {
  const said = await saidOf(parsed, runbook, [runbook], Object.assign({}, ...all.map(({ holder }) => stopped(holder))));
  if (!('why' in said) || all.length === 1) return new Map(all.map((held) => [held, said]));
  const each = new Map<Held, Said>();
  for (const held of all) each.set(held, await saidOf(parsed, runbook, [runbook], stopped(held.holder)));
  return each;
}

/** The place that a plan moves the address to; `undefined`: it moves it nowhere. */
function placeOf(result: RunResult | undefined): string | undefined {
  const move = result?.plan.find(({ call }) => call === 'ec2:AssociateAddress');
  const { InstanceId, NetworkInterfaceId, PrivateIpAddress } = move?.input ?? {};
  return move === undefined ? undefined : JSON.stringify([InstanceId, NetworkInterfaceId, PrivateIpAddress]);
}

/** Addresses that go to the same standby, each for itself: whether there is a place for each when their holders stop together. */
async function sharedOnes(trial: Trial, planned: ReadonlyMap<Held, string>): Promise<ReadonlyMap<Held, Finding>> {
  const groups = [...Map.groupBy(planned.keys(), (held) => planned.get(held) ?? '').values()];
  const sets = groups.filter((all) => all.length > 1 && all.length <= MOST_AT_ONCE);
  const found = new Map<Held, Finding>();
  for (const all of together(sets).slice(0, MOST_TRIALS)) {
    const said = await triedOf(trial, all);
    const places = new Map(all.map((held) => [held, placeOf(resultOf(said.get(held), held))] as const));
    for (const held of all) {
      const place = places.get(held);
      // Of those who plan for the same place the first gets it. Whose plan is missing has none.
      const rivals = all.filter(
        (one) =>
          one !== held && planned.get(one) === planned.get(held) && (place === undefined || places.get(one) === place),
      );
      if (rivals.length > 0) found.set(held, ofRivals(trial, held, rivals, planned.get(held) ?? ''));
    }
  }
  return found;
}

function ofRivals({ world, lines }: Trial, held: Held, rivals: readonly Held[], standbyId: string): Finding {
  const { about, vip, holder } = held;
  const who = rivals.map((one) => named(world, one.holder)).join(', ');
  const said = `would go from ${named(world, holder)} to ${named(world, standbyId)}, and so would what is on ${who}: when they fail together one of them has nowhere to go`;
  return standby({ level: 'warning', about, text: said, fix: tagLine(vip, lines) });
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
  const all = heldIn(trial.world);
  const trials = together(all.map((held) => [held]));
  const said = new Map<Held, Said>();
  for (const one of trials.slice(0, MOST_TRIALS))
    for (const [held, own] of await triedOf(trial, one)) said.set(held, own);
  const planned = new Map<Held, string>();
  for (const [held, own] of said) {
    const result = resultOf(own, held);
    const to = result?.outcome === 'planned' ? goingTo(trial.world, result) : undefined;
    if (to !== undefined) planned.set(held, to);
  }
  const shared = await sharedOnes(trial, planned);
  const findings = all.flatMap((held): Finding[] => {
    const own = said.get(held);
    return own === undefined ? [] : [shared.get(held) ?? ofSaid(trial, held, own)];
  });
  const left = all.length - said.size;
  if (left > 0)
    findings.push(
      standby({
        level: 'unread',
        text: `${counted(left, 'address', 'addresses')} more were not tried: the first ${said.size} are`,
        fix: 'npx runbook whatif world.json --loss instance',
      }),
    );
  return [...findings, ...idle(trial.world, trial.lines)];
}
