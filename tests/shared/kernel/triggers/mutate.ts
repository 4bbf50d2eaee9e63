/**
 * Real events, damaged or changed in one to three places, for property tests. A mutation reaches into JSON that is carried as text
 * (SQS bodies, SNS messages), so that half of the events' content is not out of its reach.
 */

import * as fc from 'fast-check';

export interface EventFixture {
  readonly name: string;
  readonly event: unknown;
}

export interface MutatedEvent {
  /** Name of the fixture. */
  readonly name: string;
  readonly original: unknown;
  readonly mutated: unknown;
  /** What was done, for the failing example's report: `sqs-sns-alarm: delete Records[0].body.Message.AlarmArn`. */
  readonly description: string;
}

export interface MutationOptions {
  /**
   * Share of events changed only where no parser of this project decides by it (reasons, ids of messages, unknown members).
   * They reach `decide`; the others mostly end in a bad-input error. Default 0.4.
   */
  readonly harmlessShare?: number;
}

/** A way to a value: object keys and list indexes; `TEXT` steps into JSON carried as text. */
const TEXT = Symbol('JSON carried as text');
type Step = string | number | typeof TEXT;
type Path = readonly Step[];

type Bag = Record<string, unknown>;

function isBag(value: unknown): value is Bag {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function carriedJson(value: unknown): object | undefined {
  if (typeof value !== 'string' || !/^[[{]/.test(value)) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return typeof parsed === 'object' && parsed !== null ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** All places below `value`, the deepest included, in the order of the event. */
function pathsOf(value: unknown, prefix: Path = []): Path[] {
  const carried = carriedJson(value);
  if (carried !== undefined) return pathsOf(carried, [...prefix, TEXT]);
  const keys: (string | number)[] = Array.isArray(value) ? [...value.keys()] : isBag(value) ? Object.keys(value) : [];
  return keys.flatMap((key) => {
    const path = [...prefix, key];
    return [path, ...pathsOf(member(value, key), path)];
  });
}

function member(holder: unknown, step: Step | undefined): unknown {
  if (step === TEXT) return carriedJson(holder);
  if (Array.isArray(holder) && typeof step === 'number') return holder[step];
  return isBag(holder) && typeof step === 'string' ? holder[step] : undefined;
}

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(member, value);
}

/** Stands for "no such member any more". */
const GONE = Symbol('deleted');

/** A copy of `value` in which `change` has been applied at `path`. */
function changeAt(value: unknown, path: Path, change: (old: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(value);
  if (step === TEXT) return JSON.stringify(changeAt(carriedJson(value), rest, change));
  const changed = changeAt(member(value, step), rest, change);
  if (Array.isArray(value)) {
    const copy: unknown[] = [...(value as unknown[])];
    if (typeof step === 'number') copy.splice(step, 1, ...(changed === GONE ? [] : [changed]));
    return copy;
  }
  const entries = Object.entries(isBag(value) ? value : {}).filter(([key]) => key !== step || changed !== GONE);
  const kept = entries.map(([key, old]): [string, unknown] => [key, key === step ? changed : old]);
  if (changed !== GONE && typeof step === 'string' && !kept.some(([key]) => key === step)) kept.push([step, changed]);
  return Object.fromEntries(kept);
}

function show(path: Path): string {
  const text = path.map((step) => (step === TEXT ? '' : typeof step === 'number' ? `[${step}]` : `.${step}`)).join('');
  return text.replace(/^\./, '');
}

interface Change {
  readonly what: string;
  readonly apply: (event: unknown) => unknown;
}

function replacing(what: string, path: Path, replacement: unknown): Change {
  return { what: `${what} at ${show(path)}`, apply: (event) => changeAt(event, path, () => replacement) };
}

const FOREIGN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^i-[0-9a-f]+$/, ['i-0ffffffffffffffff', 'i-00000000', 'i-XYZ', 'mi-0123456789abcdef0', '']],
  [/^\d{12}$/, ['999999999999', '000000000000', '11112222333', '1111222233334']],
  [/^[a-z]{2}-[a-z]+-\d$/, ['us-gov-west-1', 'mars-north-1', 'EU (Ireland)', '']],
  [
    /^arn:/,
    [
      'arn:aws:s3:::other',
      'arn:aws:cloudwatch:us-east-1:999999999999:alarm:other',
      'arn:',
      'arn:aws:cloudwatch:eu-west-1:111122223333:alarm:',
    ],
  ],
  [
    /^\d{4}-\d\d-\d\dT/,
    [
      '1970-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
      '2026-02-30T00:00:00Z',
      '2026-11-22',
      'yesterday',
      '2026-11-22T08:00:00+99:99',
      '2036-01-01T00:00:00.000+0000',
    ],
  ],
  [/^(?:ALARM|OK|INSUFFICIENT_DATA)$/, ['OK', 'INSUFFICIENT_DATA', 'alarm', 'UNKNOWN']],
  [/^(?:stopping|stopped|running|terminated)$/, ['running', 'pending', 'terminated', 'rebooting']],
  [
    /(?:Notification|Lifecycle Action|State Change|Successful|Unsuccessful|Scheduled Event)$/,
    [
      'CloudWatch Alarm State Change',
      'EC2 Instance State-change Notification',
      'EC2 Instance-terminate Lifecycle Action',
      'EC2 Instance Launch Successful',
      'Scheduled Event',
      'Unheard Of',
    ],
  ],
  [/^aws\./, ['aws.ec2', 'aws.autoscaling', 'aws.cloudwatch', 'aws.scheduler', 'my.app']],
  [
    /^autoscaling:/,
    [
      'autoscaling:EC2_INSTANCE_LAUNCHING',
      'autoscaling:EC2_INSTANCE_TERMINATING',
      'autoscaling:TEST_NOTIFICATION',
      'autoscaling:OTHER',
    ],
  ],
  [/^aws:s/, ['aws:sqs', 'aws:sns', 'aws:s3', 'aws:kafka']],
];

function foreignTo(value: unknown): readonly string[] {
  return typeof value === 'string'
    ? (FOREIGN.find(([pattern]) => pattern.test(value))?.[1] ?? ['other', 'OTHER', '0'])
    : ['other'];
}

function nested(depth: number, inner: unknown): unknown {
  let value = inner;
  for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? { nested: value } : [value];
  return value;
}

/** Parsed, so that `__proto__` is an own member, as it is when it arrives in an event. */
function pollution(): unknown {
  return JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown;
}

const OTHER_TYPES: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  42.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '',
  ' ',
  [],
  {},
  [null],
  { a: 1 },
];
const HUGE = 'x'.repeat(300 * 1024);

function oneDamage(event: unknown): fc.Arbitrary<Change> {
  const paths = pathsOf(event);
  const path = fc.constantFrom(...(paths.length === 0 ? [[]] : paths));
  const texts = paths.filter((candidate) => typeof valueAt(event, candidate) === 'string');
  const text = fc.constantFrom(...(texts.length === 0 ? [[]] : texts));
  return fc.oneof(
    {
      weight: 25,
      arbitrary: path.map((at): Change => ({
        what: `delete ${show(at)}`,
        apply: (value) => changeAt(value, at, () => GONE),
      })),
    },
    {
      weight: 25,
      arbitrary: fc
        .tuple(path, fc.constantFrom(...OTHER_TYPES))
        .map(([at, value]) => replacing('another type', at, value)),
    },
    {
      weight: 20,
      arbitrary: text.chain((at) => {
        const values = foreignTo(valueAt(event, at));
        return fc.constantFrom(...values).map((value) => replacing(`foreign ${value}`, at, value));
      }),
    },
    {
      weight: 15,
      arbitrary: fc.tuple(text, fc.double({ min: 0, max: 0.99, noNaN: true })).map(([at, share]): Change => ({
        what: `truncate ${show(at)}`,
        apply: (value) =>
          changeAt(value, at, (old) => (typeof old === 'string' ? old.slice(0, Math.floor(old.length * share)) : old)),
      })),
    },
    {
      weight: 15,
      arbitrary: fc
        .tuple(text, fc.string({ unit: 'binary', maxLength: 400 }))
        .map(([at, value]) => replacing('random text', at, value)),
    },
    {
      weight: 5,
      arbitrary: fc
        .tuple(path, fc.integer({ min: 1, max: 120 }))
        .map(([at, depth]) => replacing(`nesting of ${depth}`, at, nested(depth, 'deep'))),
    },
    { weight: 5, arbitrary: path.map((at) => replacing('prototype keys', at, pollution())) },
    {
      weight: 5,
      arbitrary: fc
        .tuple(path, fc.jsonValue({ maxDepth: 3 }))
        .map(([at, value]) => replacing('random JSON', at, value)),
    },
    // Rare: each costs as much as fifty others.
    { weight: 1, arbitrary: text.map((at) => replacing('300 KB of text', at, HUGE)) },
    {
      weight: 2,
      arbitrary: fc
        .jsonValue({ maxDepth: 4 })
        .map((value): Change => ({ what: 'replace the whole event', apply: () => value })),
    },
    { weight: 5, arbitrary: duplicateRecords() },
  );
}

function duplicateRecords(): fc.Arbitrary<Change> {
  return fc.integer({ min: 1, max: 3 }).map((times): Change => ({
    what: `deliver every record ${times + 1} times in one batch`,
    apply: (event) => {
      if (!isBag(event) || !Array.isArray(event['Records'])) return event;
      const records: unknown[] = event['Records'];
      return { ...event, Records: Array.from({ length: times + 1 }, () => records).flat() };
    },
  }));
}

/** Members that no parser of this project reads, or reads only to carry them along. */
const HARMLESS_KEYS =
  /^(?:reason|reasonData|description|label|period|stat|AlarmDescription|NewStateReason|Cause|Description|StatusMessage|StatusCode|RequestId|Details|receiptHandle|md5OfBody|SenderId|ApproximateReceiveCount|Signature|SigningCertURL|SigningCertUrl|UnsubscribeURL|UnsubscribeUrl|Subject|previousState|OldStateValue|OKActions|Threshold|Statistic|awsRegion|eventSourceARN|version|MessageAttributes|messageAttributes)$/;

function oneHarmlessChange(event: unknown): fc.Arbitrary<Change> {
  const paths = pathsOf(event);
  const spare = paths.filter((path) => typeof path.at(-1) === 'string' && HARMLESS_KEYS.test(String(path.at(-1))));
  // A person's request refuses unknown keys, so nothing is added below one.
  const objects = paths.filter((path) => isBag(valueAt(event, path)) && !aboveIsRequest(event, path));
  const choices: fc.WeightedArbitrary<Change>[] = [{ weight: 1, arbitrary: duplicateRecords() }];
  if (spare.length > 0) {
    const at = fc.constantFrom(...spare);
    const values = fc.oneof(fc.string({ maxLength: 100 }), fc.integer(), fc.constant(null));
    choices.push({
      weight: 4,
      arbitrary: fc.tuple(at, values).map(([path, value]) => replacing('another value', path, value)),
    });
    choices.push({
      weight: 2,
      arbitrary: at.map((path): Change => ({
        what: `delete ${show(path)}`,
        apply: (value) => changeAt(value, path, () => GONE),
      })),
    });
  }
  if (objects.length > 0) {
    const additions = fc.tuple(fc.constantFrom(...objects), fc.jsonValue({ maxDepth: 2 }));
    choices.push({
      weight: 3,
      arbitrary: additions.map(([path, value]) => replacing('unknown member', [...path, 'x-unknown'], value)),
    });
  }
  return fc.oneof(...choices);
}

function aboveIsRequest(event: unknown, path: Path): boolean {
  return path.some((_step, index) => {
    const holder = valueAt(event, path.slice(0, index + 1));
    return (
      (isBag(holder) && Object.hasOwn(holder, 'runbook')) ||
      (index === 0 && isBag(event) && Object.hasOwn(event, 'runbook'))
    );
  });
}

/**
 * Events with one to three changes each. Deterministic for fast-check's seed; the fixtures are not changed.
 * @throws TypeError when `fixtures` is empty
 */
export function mutatedEvents(
  fixtures: readonly EventFixture[],
  options: MutationOptions = {},
): fc.Arbitrary<MutatedEvent> {
  if (fixtures.length === 0) throw new TypeError('mutatedEvents needs at least one fixture');
  const harmless = Math.round((options.harmlessShare ?? 0.4) * 100);
  const count = fc.oneof(
    { weight: 7, arbitrary: fc.constant(1) },
    { weight: 2, arbitrary: fc.constant(2) },
    { weight: 1, arbitrary: fc.constant(3) },
  );
  return fc
    .tuple(fc.constantFrom(...fixtures), fc.integer({ min: 0, max: 99 }), count)
    .chain(([{ name, event }, dice, changes]) => {
      const one = dice < harmless ? oneHarmlessChange(event) : oneDamage(event);
      return fc.array(one, { minLength: changes, maxLength: changes }).map((list): MutatedEvent => ({
        name,
        original: event,
        mutated: list.reduce((value, change) => change.apply(value), structuredClone(event)),
        description: `${name}: ${list.map(({ what }) => what).join('; ')}`,
      }));
    });
}
