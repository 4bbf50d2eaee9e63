/**
 * Compares what two worlds noted of the same scenario, whatever they call their resources.
 *
 * Ids, addresses and times differ between worlds and become the names of the beginning, or a word for their kind. An empty
 * list, an empty text and an absent member are one: EC2's XML knows no difference. A member that no answer of the simulator
 * to the same read ever holds is no difference when the emulator's holds it: a world holds what its file says.
 */

import type { Note, Played } from './scenario.ts';
import { NOT_IMPLEMENTED } from './on-moto.ts';

/** One difference in one scenario. */
export interface Difference {
  readonly operation: string;
  /** `Addresses[].InstanceId`, `error`, or the name of a fact. */
  readonly where: string;
  readonly simulator: string;
  readonly emulator: string;
  readonly scenario: string;
}

/** What was compared of one operation. */
export interface Verdict {
  readonly operation: string;
  readonly calls: number;
  /** The emulator does not have the operation. */
  readonly lacking: boolean;
  readonly differences: readonly Difference[];
  /** Members that only the emulator's answers hold. */
  readonly unmodelled: readonly string[];
}

const ABSENT = 'absent';

const KINDS: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:eipassoc|eipalloc|eni-attach|eni|vol|snap|subnet|vpc|ami|sgr|sg|acl|pcx|r|i|lt|aki|dopt)-[0-9a-f]{8,}\b/gu,
    '<id>',
  ],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gu, '<uuid>'],
  [/\b\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}(?:\.\d+)?/gu, '<date> <clock>'],
  [/\b\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?/gu, '<time>'],
  [/\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b/gu, '<mac>'],
  [/\b(ip|ec2)-\d{1,3}(?:-\d{1,3}){3}\b/gu, '$1-<address>'],
  [/\b\d{1,3}(?:\.\d{1,3}){3}\b/gu, '<address>'],
];

function normalText(text: string, names: ReadonlyMap<string, string>): string {
  let result = text;
  // Longest first: one private address may be the beginning of another.
  for (const [id, name] of [...names].toSorted(([left], [right]) => right.length - left.length))
    result = result.replaceAll(id, `<${name}>`);
  for (const [pattern, word] of KINDS) result = result.replaceAll(pattern, word);
  return result;
}

/** Members that tell the elements of a list apart, the most telling first. */
const IDENTIFYING = [
  'Key',
  'AllocationId',
  'InstanceId',
  'VolumeId',
  'SnapshotId',
  'NetworkInterfaceId',
  'DeviceName',
  'ZoneName',
  'LifecycleHookName',
  'AlarmName',
  'ProcessName',
  'Name',
];

function isPlainRecord(value: unknown): value is { readonly [member: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function orderKey(value: unknown): string {
  if (!isPlainRecord(value)) return JSON.stringify(value);
  const member = IDENTIFYING.find((name) => value[name] !== undefined);
  // A reservation is known by what is in it.
  const inner = Object.values(value).find(Array.isArray);
  // Things that a run made are all `<id>`; what they are tells them apart.
  return JSON.stringify([member === undefined ? inner : value[member], value]);
}

/** A value with names for ids; `undefined` for what is empty. */
export function normal(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (Object.prototype.toString.call(value) === '[object Date]') return '<time>';
  if (typeof value === 'string') return value === '' ? undefined : normalText(value, names);
  if (Array.isArray(value)) {
    const elements = value.map((element) => normal(element, names)).filter((element) => element !== undefined);
    // Listings have no order that AWS promises.
    return elements.length === 0
      ? undefined
      : elements.toSorted((left, right) => orderKey(left).localeCompare(orderKey(right), 'en'));
  }
  if (isPlainRecord(value)) {
    const members = Object.entries(value).flatMap(([name, member]) => {
      const made = normal(member, names);
      return made === undefined ? [] : [[name, made] as const];
    });
    return members.length === 0 ? undefined : Object.fromEntries(members);
  }
  return value ?? undefined;
}

interface Finding {
  readonly where: string;
  readonly simulator: string;
  readonly emulator: string;
}

function shown(value: unknown): string {
  return value === undefined ? ABSENT : typeof value === 'string' ? value : JSON.stringify(value);
}

function findings(where: string, left: unknown, right: unknown): Finding[] {
  if (Array.isArray(left) && Array.isArray(right)) {
    const [lefts, rights] = [left as readonly unknown[], right as readonly unknown[]];
    const counts =
      lefts.length === rights.length
        ? []
        : [{ where: `${where}[] count`, simulator: String(lefts.length), emulator: String(rights.length) }];
    const shared = lefts.slice(0, Math.min(lefts.length, rights.length));
    return [...counts, ...shared.flatMap((element, index) => findings(`${where}[]`, element, rights[index]))];
  }
  if (isPlainRecord(left) && isPlainRecord(right)) {
    const members = [...new Set([...Object.keys(left), ...Object.keys(right)])].toSorted();
    return members.flatMap((member) =>
      findings(where === '' ? member : `${where}.${member}`, left[member], right[member]),
    );
  }
  return JSON.stringify(left) === JSON.stringify(right)
    ? []
    : [{ where, simulator: shown(left), emulator: shown(right) }];
}

/** Differences between where two worlds ended. `operation`: whose end it is. */
export function compareEnds(
  operation: string,
  scenario: string,
  simulator: object,
  emulator: object,
): readonly Difference[] {
  return findings('', simulator, emulator).map((found) => ({ operation, scenario, ...found }));
}

function answerOf(note: Note | undefined, names: ReadonlyMap<string, string>): unknown {
  if (note === undefined) return { error: 'the call was not made' };
  return 'error' in note.answer ? { error: note.answer.error } : (normal(note.answer.output, names) ?? {});
}

function isError(answer: unknown): answer is { readonly error: string } {
  return isPlainRecord(answer) && typeof answer['error'] === 'string';
}

function compareNotes(
  simulator: Note | undefined,
  emulator: Note | undefined,
  names: { readonly simulator: Played['names']; readonly emulator: Played['names'] },
): Finding[] {
  const [left, right] = [answerOf(simulator, names.simulator), answerOf(emulator, names.emulator)];
  if (simulator?.operation === 'fact' || emulator?.operation === 'fact') return findings('', left, right);
  // An answer and an error have nothing in common to compare.
  if (isError(left) || isError(right)) {
    const [ours, theirs] = [isError(left) ? left.error : 'answers', isError(right) ? right.error : 'answers'];
    return ours === theirs ? [] : [{ where: 'error', simulator: ours, emulator: theirs }];
  }
  return findings('', left, right);
}

/** Paths of a value's members, in the form of a difference's `where`. */
function pathsOf(where: string, value: unknown): string[] {
  if (Array.isArray(value)) return [where, ...value.flatMap((element: unknown) => pathsOf(`${where}[]`, element))];
  if (!isPlainRecord(value)) return [where];
  return [
    where,
    ...Object.entries(value).flatMap(([name, member]) => pathsOf(where === '' ? name : `${where}.${name}`, member)),
  ];
}

/** Operation → every path that an answer of the simulator holds. */
function modelled(simulator: readonly Played[]): ReadonlyMap<string, ReadonlySet<string>> {
  const paths = new Map<string, Set<string>>();
  for (const { notes, names } of simulator) {
    for (const note of notes) {
      if ('error' in note.answer) continue;
      const known = paths.get(note.operation) ?? new Set<string>();
      paths.set(note.operation, known);
      for (const path of pathsOf('', answerOf(note, names))) known.add(path);
    }
  }
  return paths;
}

interface Tally {
  readonly modelled: ReadonlySet<string>;
  calls: number;
  lacking: boolean;
  readonly differences: Map<string, Difference>;
  readonly unmodelled: Set<string>;
}

function isRead(operation: string): boolean {
  return /:(?:Describe|Get|List)/u.test(operation);
}

function add(tally: Tally, scenario: string, note: Note, found: readonly Finding[]): void {
  const fact = note.operation === 'fact';
  for (const { where: at, simulator, emulator } of found) {
    const where = fact ? note.label : at;
    if (!fact && simulator === ABSENT && isRead(note.operation) && !tally.modelled.has(where)) {
      tally.unmodelled.add(where);
      continue;
    }
    tally.differences.set([scenario, where, simulator, emulator].join('\n'), {
      operation: note.operation,
      where,
      simulator,
      emulator,
      scenario,
    });
  }
}

function keyOf({ operation, label }: Note): string {
  return `${operation} ${label}`;
}

/** Compares scenario by scenario; one verdict per operation, in alphabetical order, and one for the facts. */
export function compare(simulator: readonly Played[], emulator: readonly Played[]): readonly Verdict[] {
  const tallies = new Map<string, Tally>();
  const paths = modelled(simulator);
  for (const ours of simulator) {
    const theirs = emulator.find(({ scenario }) => scenario === ours.scenario);
    if (theirs === undefined) continue;
    const answers = new Map(theirs.notes.map((note) => [keyOf(note), note]));
    const extra = theirs.notes.filter((note) => !ours.notes.some((own) => keyOf(own) === keyOf(note)));
    for (const note of [...ours.notes, ...extra]) {
      const tally = tallies.get(note.operation) ?? {
        modelled: paths.get(note.operation) ?? new Set<string>(),
        calls: 0,
        lacking: false,
        differences: new Map(),
        unmodelled: new Set<string>(),
      };
      tallies.set(note.operation, tally);
      tally.calls += 1;
      const theirNote = answers.get(keyOf(note));
      if (theirNote !== undefined && 'error' in theirNote.answer && theirNote.answer.error === NOT_IMPLEMENTED)
        tally.lacking = true;
      else
        add(
          tally,
          ours.scenario,
          note,
          compareNotes(extra.includes(note) ? undefined : note, theirNote, {
            simulator: ours.names,
            emulator: theirs.names,
          }),
        );
    }
  }
  return [...tallies]
    .toSorted(([left], [right]) => left.localeCompare(right, 'en'))
    .map(([operation, { calls, lacking, differences, unmodelled }]) => ({
      operation,
      calls,
      lacking,
      differences: [...differences.values()],
      unmodelled: [...unmodelled].toSorted(),
    }));
}
