/**
 * The world file: an account as `aws … describe-*` prints it, with what the simulator has to know besides.
 * And the event file: what is delivered to it.
 */

import { z } from 'zod';
import { BadInputError } from '../../shared/kernel/errors.ts';
import { parseDuration } from './duration.ts';
import { copied, isRecord } from '../engine/json.ts';
import type { ServiceModel, World, WorldData } from '../engine/model.ts';
import { SERVICES } from '../engine/services.ts';
import { besideHome } from '../engine/world.ts';
import { ec2 } from '../services/ec2/ec2.ts';
import { parsed, parsedLeniently, pathText } from './checking.ts';
import { CAPACITY, capacityFault, capacityIn, capacityOf, capacitySchema, isCapacityPath } from './capacity.ts';
import { CONSUMERS, consumersOf, consumersSchema, refuseUnknownQueues } from './consumers.ts';
import { ledgerChangeFault, ledgerSchema, ledgerSection, worldLedger, type WorldLedger } from './ledger.ts';
import { framed } from './place.ts';
import { refuseUnworkable, WORKERS, workersOf, workersSchema } from './workers.ts';
import { unfinishedPages, unknownMembers, withoutNulls } from './paste.ts';
import { collectionsOf, refuseDuplicates, withoutRepeats } from './records.ts';
import { checkRegions, pathAway, pathAwayFault, REGION, refuseSharedIds, withGlobal } from './regions.ts';

/** A change of the world at a time, milliseconds after its beginning. */
export interface ScriptStep {
  readonly afterMs: number;
  readonly set: { readonly [path: string]: unknown };
  /** What the world no longer allows at that time is passed over; absent: it is a fault of the file. */
  readonly ifPossible?: true;
}

/** A world file that has been checked. Its data is not to be changed: every run begins with a copy of it. */
export interface ParsedWorld {
  /** Milliseconds since the epoch. */
  readonly nowMs: number;
  readonly account: string;
  readonly region: string;
  readonly data: WorldData;
  /** What is in other Regions, by name. */
  readonly regions: { readonly [region: string]: WorldData };
  readonly ledger: WorldLedger;
  /** How often the simulator has run on it. */
  readonly simulated: number;
  readonly script: readonly ScriptStep[];
  /** It may mention more than it holds. */
  readonly isPasted: boolean;
}

/** Where the probes live among the services' collections, so that a script can change them and a copy holds them. */
export const PROBES = { service: 'probes', collection: 'Probes' } as const;

const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'must be a duration such as PT40S, PT5M or PT1H30M' })
  .describe('ISO 8601 duration in days, hours, minutes and seconds, e.g. PT40S.');

/** What answers behind a port: `ok`, no answer, or an HTTP status. */
const probeAnswer = z.union([z.enum(['ok', 'refused', 'timeout']), z.number().int().min(100).max(599)]);

const probeKey = z.string().regex(/^(public>[^\s:>]+|instance>i-[0-9a-z]+):\d{1,5}$/u, {
  error: 'must be public>ADDRESS:PORT or instance>INSTANCE:PORT',
});

const scriptStep = z.strictObject({
  after: duration,
  set: z
    .record(z.string(), z.unknown())
    .describe(
      'Path -> value. A path is service/Collection/KEY/Member/…, the same behind regions/REGION/, capacity/INDEX/Available or probes/KEY; null deletes. ' +
        'A list at the end of a path is set as a whole; behind it, /+ adds the value to it and /- takes the value out of it.',
    ),
  ifPossible: z
    .literal(true)
    .optional()
    .describe(
      'What the world does not allow at that time (the instance is gone) is passed over; else it ends the run.',
    ),
});

function schemaOf(services: readonly ServiceModel[]) {
  const sections = Object.fromEntries(services.map((service) => [service.name, service.schema.optional()]));
  return z.strictObject({
    $schema: z.string().optional(),
    now: z.iso.datetime({ offset: true }).describe('The simulated time at the beginning.'),
    account: z.string().regex(/^\d{12}$/u, { error: 'must be a 12-digit account id' }),
    region: z
      .string()
      .regex(REGION, { error: 'must be a region such as eu-west-1' })
      .describe('Home: where the functions are.'),
    whole: z
      .literal(true)
      .optional()
      .describe(
        'Nothing was pasted together: what is not here is not there, and what is left out is derived, also where `runbook handle` reads it. Drills are taken so in any case.',
      ),
    ...sections,
    regions: z
      .record(z.string().regex(REGION), z.strictObject(sections))
      .optional()
      .describe(
        'Services in other Regions, by its name: "us-east-1": { "ec2": { … } }. A Region that is not here is not simulated; one that is empty holds nothing of yours.',
      ),
    capacity: capacitySchema,
    probes: z
      .record(probeKey, probeAnswer)
      .optional()
      .describe(
        'What a probe finds. public>ADDRESS:PORT is about an address, whoever holds it; instance>INSTANCE:PORT is about what that running ' +
          'instance answers, through whatever address leads to it. Not listed: ok when the holder runs and its checks are not impaired, else timeout.',
      ),
    consumers: consumersSchema,
    workers: workersSchema,
    ledger: ledgerSchema.optional(),
    simulated: z
      .int()
      .min(0)
      .optional()
      .describe(
        'How often the simulator has run on it, which it counts itself: no run makes ids that an earlier one made.',
      ),
    script: z.array(scriptStep).optional().describe('Changes of the world, with the consequences of the API call.'),
  });
}

/** The schema of the world file; `docs/world.schema.json` is made from it. */
export const worldSchema = schemaOf(SERVICES);

/** What is wrong with a scripted change of a probe's answer; `undefined`: nothing. */
function probeChangeFault(key: string, value: unknown): string | undefined {
  if (!probeKey.safeParse(key).success) return `${key} must be public>ADDRESS:PORT or instance>INSTANCE:PORT`;
  return value === null || probeAnswer.safeParse(value).success
    ? undefined
    : 'must be ok, refused, timeout, an HTTP status, or null';
}

/** What a script's paths may lead to besides services: other Regions, and so many pools of capacity. */
interface Known {
  readonly beside: readonly string[];
  readonly pools: number;
}

/** What is wrong with a scripted change; `undefined`: nothing. What a service says of it is seen when it is made. */
function changeFault(path: string, value: unknown, rest: Known): string | undefined {
  const away = pathAway(path);
  if (away !== undefined) return pathAwayFault(away, rest.beside) ?? changeFault(away.path, value, rest);
  if (isCapacityPath(path)) return capacityFault(path, value, rest.pools);
  const [name = '', collection = ''] = path.split('/');
  if (name === PROBES.service) return probeChangeFault(path.slice(name.length + 1), value);
  if (name === 'ledger') return ledgerChangeFault(path, value);
  const service = SERVICES.find((one) => one.name === name);
  if (service === undefined)
    return `there is no service ${name}; one of ${SERVICES.map((one) => one.name).join(', ')}, capacity, probes`;
  return collection in service.collections
    ? undefined
    : `${name} has no ${collection}; one of ${Object.keys(service.collections).join(', ')}`;
}

function refuseUnknownPlaces(script: readonly Pick<ScriptStep, 'set'>[], rest: Known): void {
  for (const [index, step] of script.entries()) {
    for (const [path, value] of Object.entries(step.set)) {
      const fault = changeFault(path, value, rest);
      if (fault !== undefined) throw new BadInputError(pathText(['script', index, 'set', path]), fault);
    }
  }
}

const known = new WeakSet();

function isParsed(value: unknown): value is ParsedWorld {
  return isRecord(value) && known.has(value);
}

/** What may be put in place of what a world file says. */
export type WorldChange = Partial<Pick<ParsedWorld, 'data' | 'ledger' | 'script'>>;

/** The same world with parts of it changed, to be run without being checked again: whoever changes it answers for it. */
export function changedWorld(world: ParsedWorld, change: WorldChange): ParsedWorld {
  const changed: ParsedWorld = { ...world, ...change };
  known.add(changed);
  return changed;
}

function demandObject(value: unknown): Record<string, unknown> {
  if (!isRecord(value)) throw new BadInputError('', 'a world is a JSON object; see docs/world.schema.json');
  return value;
}

/**
 * Output that was pasted as it is, without the name of the service around it.
 * @throws BadInputError that says where it belongs
 */
function refuseBare(file: Record<string, unknown>): void {
  for (const name of Object.keys(file)) {
    const owner = /^[A-Z]/u.test(name) && SERVICES.find(({ schema }) => schema.safeParse({ [name]: [] }).success);
    if (owner)
      throw new BadInputError(
        name,
        `is output of ${owner.name}, and belongs below it: "${owner.name}": { "${name}": … }`,
      );
  }
}

/**
 * Checks a world file, once: what it returns may be given again and passes at once. The file is taken at its word: a member
 * that is not known is misspelt, a resource that is mentioned must be there.
 * @throws BadInputError with the JSON path of the fault, e.g. `ec2.Instances[0].State.Name`
 */
export function parseWorld(value: unknown): ParsedWorld {
  if (isParsed(value)) return value;
  const file = demandObject(value);
  refuseBare(file);
  checkRegions(file);
  return worldOf(parsed(worldSchema, file), false);
}

/** A world that was pasted together, and what its file lacks, a line each. More may turn out when it is completed (`World.gap`). */
export interface PastedWorld {
  readonly world: ParsedWorld;
  readonly lacks: readonly string[];
  /** Time and place that the file does not give and that were taken to be so: `"region": "eu-west-1"`. */
  readonly taken: readonly string[];
}

/**
 * Checks a world file of pasted outputs. What is not known here, or not there, is left out, and named. One that says that it is
 * whole is none: it is taken at its word, as a drill's is.
 * `now`, ISO 8601: the time of a paste that gives none, whose account and Region are then taken from its records, too. Absent: all
 * three have to be given.
 * @throws BadInputError with the JSON path of the fault
 */
export function pastedWorld(value: unknown, now?: string): PastedWorld {
  const names = SERVICES.map(({ name }) => name);
  const given = demandObject(value);
  if (given['whole'] === true) return { world: parseWorld(given), lacks: [], taken: [] };
  refuseBare(given);
  const { file, taken } = framed(withoutNulls(given, names), names, now);
  checkRegions(file);
  const isAws = ([first, , third]: readonly PropertyKey[]): boolean =>
    names.some((name) => name === (first === 'regions' ? third : first));
  const { data, strays } = parsedLeniently(worldSchema, file, isAws);
  return { world: worldOf(data, true), lacks: [...unfinishedPages(file, names), ...unknownMembers(strays)], taken };
}

/** The services of a Region. `at`: the path of what holds them. */
function servicesOf(sections: Record<string, unknown>, isPasted: boolean, at: readonly string[]): WorldData {
  const data: WorldData = {};
  for (const service of SERVICES) {
    const given = collectionsOf(service, sections[service.name]);
    const collections = isPasted ? withoutRepeats(service, given) : given;
    refuseDuplicates(service, collections, at);
    data[service.name] = collections;
  }
  return data;
}

/** The other Regions of a file, each with the pools of capacity in its zones. */
function regionsOf(
  { regions = {}, capacity = [] }: z.infer<typeof worldSchema>,
  isPasted: boolean,
): { readonly [region: string]: WorldData } {
  const names = Object.keys(regions);
  const parts = Object.entries(regions).map(([region, sections]) => {
    const data = servicesOf(sections, isPasted, ['regions', region]);
    data[CAPACITY.service] = capacityOf(capacity, region, names);
    return [region, data] as const;
  });
  return Object.fromEntries(parts);
}

function worldOf(file: z.infer<typeof worldSchema>, isPasted: boolean): ParsedWorld {
  const data = servicesOf(file, isPasted, []);
  const regions = regionsOf(file, isPasted);
  const beside = Object.keys(regions);
  data[CAPACITY.service] = capacityOf(file.capacity ?? [], undefined, beside);
  data[PROBES.service] = {
    [PROBES.collection]: Object.entries(file.probes ?? {}).map(([Key, Answer]) => ({ Key, Answer })),
  };
  const consumers = consumersOf(file.consumers, Date.parse(file.now));
  refuseUnknownQueues(consumers, data);
  if (consumers.length > 0) data[CONSUMERS.service] = { [CONSUMERS.collection]: consumers };
  const workers = workersOf(file.workers, Date.parse(file.now));
  refuseUnworkable(workers, data);
  if (workers.length > 0) data[WORKERS.service] = { [WORKERS.collection]: workers };
  refuseSharedIds(data, regions, ec2.collections);
  refuseUnknownPlaces(file.script ?? [], { beside, pools: file.capacity?.length ?? 0 });
  const world: ParsedWorld = {
    nowMs: Date.parse(file.now),
    account: file.account,
    region: file.region,
    // The services hold on to what they are given; the caller's file stays his.
    data: copied(data),
    regions: copied(regions),
    ledger: worldLedger(file.ledger),
    simulated: file.simulated ?? 0,
    script: (file.script ?? []).map(({ after, set, ifPossible }) => ({
      afterMs: parseDuration(after) ?? 0,
      set,
      ...(ifPossible === true ? { ifPossible } : {}),
    })),
    isPasted,
  };
  known.add(world);
  return world;
}

/** The services of a Region that hold anything, as a world file has them. */
function sectionsOf({ data, isPasted, isUnsaid }: World): Record<string, unknown> {
  const services = Object.entries(copied(data)).filter(([name]) => SERVICES.some((service) => service.name === name));
  const sections = services.flatMap(([name, collections]) => {
    // Of a paste it is known that there is none of a kind where an output without records was pasted.
    const isSaid = (collection: string): boolean => isPasted && !isUnsaid(name, collection);
    const filled = Object.entries(collections).filter(([kind, records]) => records.length > 0 || isSaid(kind));
    return filled.length === 0 ? [] : [[name, Object.fromEntries(filled)] as const];
  });
  return Object.fromEntries(sections);
}

/** What a world file has besides the account. */
export interface Kept {
  readonly ledger?: Partial<WorldLedger>;
  readonly simulated?: number;
}

/** The world as it stands, as a world file: what a run leaves behind, to look at or to begin the next one with. */
export function worldFile(world: World, { ledger = {}, simulated = 0 }: Kept = {}): Record<string, unknown> {
  const frame = { now: world.clock.iso(), account: world.account, region: world.region };
  const asGiven = world.isPasted ? {} : { whole: true };
  const isInFile = ({ services }: World): boolean => services === world.services;
  const [beside, global] = [besideHome(world).filter(isInFile), besideHome(world).filter((one) => !isInFile(one))];
  const file: Record<string, unknown> = { ...frame, ...asGiven, ...withGlobal([world, ...global].map(sectionsOf)) };
  if (beside.length > 0) file['regions'] = Object.fromEntries(beside.map((one) => [one.region, sectionsOf(one)]));
  const pools = capacityIn([world, ...beside]);
  if (pools.length > 0) file['capacity'] = pools;
  const answers = copied(world.data[PROBES.service]?.[PROBES.collection] ?? []);
  if (answers.length > 0)
    file['probes'] = Object.fromEntries(answers.map((one) => [String(one['Key']), one['Answer']]));
  const consumers = copied(world.data[CONSUMERS.service]?.[CONSUMERS.collection] ?? []);
  if (consumers.length > 0) file['consumers'] = consumers;
  const workers = copied(world.data[WORKERS.service]?.[WORKERS.collection] ?? []);
  if (workers.length > 0) file['workers'] = workers;
  const section = ledgerSection(ledger);
  if (section !== undefined) file['ledger'] = section;
  if (simulated > 0) file['simulated'] = simulated;
  return file;
}

/** An event to be delivered after so many milliseconds. */
export interface TimedEvent {
  readonly event: unknown;
  readonly afterMs: number;
  /** Absent: to every runbook that it matches. */
  readonly runbook?: string;
}

const timedEvents = z.array(
  z.strictObject({
    after: duration.optional(),
    event: z.record(z.string(), z.unknown()),
    runbook: z.string().optional(),
  }),
);

/**
 * Reads an event file: one event exactly as AWS delivers it, or a list of `{ "after"?: "PT40S", "event": {…}, "runbook"?: NAME }`;
 * an empty one where the script of the world sets everything off.
 * The events themselves are the runbooks' to judge.
 * @throws BadInputError with the JSON path of the fault
 */
export function parseEvents(value: unknown): readonly TimedEvent[] {
  if (!Array.isArray(value)) {
    if (!isRecord(value))
      throw new BadInputError('', 'an event is a JSON object, or a list of { "after": "PT40S", "event": {…} }');
    return [{ event: value, afterMs: 0 }];
  }
  return parsed(timedEvents, value).map((entry) => ({
    event: entry.event,
    afterMs: parseDuration(entry.after ?? 'PT0S') ?? 0,
    ...(entry.runbook === undefined ? {} : { runbook: entry.runbook }),
  }));
}
