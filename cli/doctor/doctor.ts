/** `runbook doctor`: whether the runbooks could do here what they are there for, before they have to. It reads alone. */

import type { World } from '../../simulator/engine/model.ts';
import type { DeployedFunction } from '../../simulator/engine/run-types.ts';
import { readJsonFile } from '../../simulator/world/json-file.ts';
import type { ParsedWorld } from '../../simulator/world/world-file.ts';
import { widthOf } from '../layout.ts';
import type { LinePlace } from '../operate/command-line.ts';
import { inPlace, type PlaceFlags } from '../operate/in-place.ts';
import type { Place } from '../operate/place.ts';
import { placeAsJson } from '../operate/place-as-json.ts';
import { askerOf, type AskingOptions, type Unread } from '../snapshot/asking.ts';
import { CALLS, countText, DOCTOR_CALLS } from '../snapshot/calls.ts';
import { guardReads } from '../snapshot/guard.ts';
import { paintFor, progressOn, type CommandIo } from '../terminal.ts';
import { readWorld, sayTaken } from '../world-run.ts';
import { standbysOf } from './checks/addresses.ts';
import { asItStands } from './checks/as-it-stands.ts';
import { bastionsOf } from './checks/bastions.ts';
import { blockingOf } from './checks/blocking.ts';
import { besideEachOther, controlsOf } from './checks/controls.ts';
import { deployedOf } from './checks/deployed.ts';
import { launchesOf } from './checks/fleets.ts';
import { keysOf } from './checks/keys.ts';
import { lettersOf } from './checks/letters.ts';
import { exitCodeOf, finder, worstFirst, type Finding } from './finding.ts';
import { linesFor, type Lines } from './lines.ts';
import { readAll, simulatedRights, type Account } from './live.ts';
import { doctorText } from './text.ts';
import { begunWorld, stillWorld } from './tried.ts';

/** Options as they are typed. */
export type DoctorFlags = PlaceFlags & { readonly json?: true };

/** What a test puts in the place of waiting, and of IAM. */
export type Ways = Pick<AskingOptions, 'wait' | 'mostRecords'> & { readonly rights?: typeof simulatedRights };

/** Every request that it may send. */
export const DOCTOR_TABLE = [...CALLS, ...DOCTOR_CALLS];

/** Which runbook is asked about what is tried. */
function named(functions: readonly DeployedFunction[], name: string): DeployedFunction | undefined {
  return functions.find(({ summary }) => summary.name === name);
}

async function triedIn(
  world: World,
  parsed: ParsedWorld,
  functions: readonly DeployedFunction[],
  lines: Lines,
): Promise<readonly Finding[]> {
  const addresses = named(functions, 'reassign-elastic-ip');
  const fleets = named(functions, 'scale-hpc-fleet');
  return [
    ...(addresses === undefined ? [] : await standbysOf({ world, parsed, runbook: addresses, lines })),
    ...(fleets === undefined ? [] : await launchesOf({ world, parsed, runbook: fleets, lines })),
    ...(await asItStands(parsed, functions, lines)),
  ];
}

/** What is found in an account, whoever has read it. */
export async function findingsIn(
  parsed: ParsedWorld,
  functions: readonly DeployedFunction[],
  place: LinePlace,
): Promise<readonly Finding[]> {
  const lines = linesFor(place);
  const world = await begunWorld(parsed);
  const still = stillWorld(parsed);
  const looked = [lettersOf, blockingOf, bastionsOf, keysOf].flatMap((check) => check(world, lines));
  return [...looked, ...(await triedIn(world, still, functions, lines))];
}

function ofUnread({ call, region, missing, message }: Unread): Finding {
  const lacks = missing.length === 0 ? '' : `; missing: ${missing.join(', ')}`;
  const where = region === '' ? '' : ` in ${region}`;
  return finder(
    'read',
    null,
  )({
    level: 'unread',
    about: call,
    text: `was not read${where}: ${message}${lacks}`,
    fix: missing.length === 0 ? null : 'aws iam attach-role-policy --role-name ROLE --policy-arn SNAPSHOT-POLICY',
  });
}

function ofStacks({ stacks, unread }: Account, place: LinePlace): readonly Finding[] {
  const lines = linesFor(place);
  return [
    ...besideEachOther(stacks),
    ...stacks.flatMap((facts) => [...controlsOf(facts, lines), ...deployedOf(facts, lines)]),
    ...unread.map(ofUnread),
  ];
}

async function examined(
  io: CommandIo,
  place: Place,
  { rights = simulatedRights, ...ways }: Ways,
): Promise<readonly Finding[]> {
  const functions = await io.functions();
  if (place.file !== null) {
    const file = readWorld(place.file, readJsonFile(place.file), place.now());
    sayTaken(io, file);
    return findingsIn(file.world, functions, place);
  }
  io.stderr.write(`reads ${countText(DOCTOR_TABLE)} at most, and changes nothing; --list-calls names them\n`);
  const progress = progressOn(io.stderr);
  const say = (text: string): void => {
    progress.clear();
    io.stderr.write(`runbook: ${text}\n`);
  };
  const ask = askerOf({ say, heard: (count) => progress.show(`${count} answers`), ...ways });
  try {
    const account = await readAll(io, place, { ask, rights });
    progress.show('the runbooks look at what was read');
    return [...ofStacks(account, place), ...(await findingsIn(account.world, functions, place))];
  } finally {
    progress.clear();
  }
}

function tell(io: CommandIo, place: Place, findings: readonly Finding[], json: boolean): void {
  if (json) {
    const document = { place: placeAsJson(place), findings: worstFirst(findings) };
    io.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  io.stdout.write(`${doctorText(findings, { paint: paintFor(io.stdout, io.env), width: widthOf(io.stdout) })}\n`);
}

/**
 * Examines an account, or a world file.
 * @returns the exit code: 0 all is ready, 5 something should be known, 1 something would not work
 */
export async function doctor(io: CommandIo, flags: DoctorFlags, ways: Ways = {}): Promise<number> {
  // In front of the place, whose clients it has to stand before.
  const unguard = flags.world === undefined ? guardReads(DOCTOR_TABLE) : () => undefined;
  try {
    return await inPlace(io, flags, async (place) => {
      const findings = await examined(io, place, ways);
      tell(io, place, findings, flags.json === true);
      return exitCodeOf(findings);
    });
  } finally {
    unguard();
  }
}
