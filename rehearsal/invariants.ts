/**
 * What must hold at every moment of a rehearsal, whatever goes wrong: named watchers that a drill's `expect.json` lists.
 *
 * They know nothing of the runbooks, only the world: its tags say what may be moved, its records what is good.
 */

import { parseProbe } from '../shared/kernel/probe.ts';
import { VOLUME_INVARIANTS } from './carry-volumes/invariants.ts';
import { isRecord } from '../simulator/engine/json.ts';
import type { Shape, World } from '../simulator/engine/model.ts';
import { probeNow } from '../simulator/world/probes.ts';
import type { Watcher } from '../simulator/engine/run-types.ts';

/**
 * Two moves of an address closer than this are a fight: the runbook's own cool-down of 300 s, which counts from the booking
 * of a move, less the minute that a throttled call may take from there to its effect. Going back once is not counted.
 */
const FIGHT_SECONDS = 240;
/** Within this time an address may come to the same instance once. The reference window of "failovers per hour". */
const FLAP_SECONDS = 3_600;
/** The tags that runbooks write (the design's list); all others belong to people. */
const STATUS_TAGS: ReadonlySet<string> = new Set([
  'runbook:moved-at',
  'runbook:moves',
  'runbook:quarantined',
  'runbook:run',
  'runbook:superseded-at',
]);
const VIP = 'runbook:vip';

/** A move of an address from one holder to another. */
interface Move {
  readonly at: number;
  readonly from: string | undefined;
  readonly to: string;
}

/** What a watcher remembers of the moments before. One for each watcher. */
class Past {
  readonly holders = new Map<string, string | undefined>();
  readonly moves = new Map<string, Move[]>();
  readonly tags = new Map<string, string>();
  readonly actions = new Map<string, number>();
}

function pastOf(memory: { [key: string]: unknown }): Past {
  const known = memory['past'];
  if (known instanceof Past) return known;
  const fresh = new Past();
  memory['past'] = fresh;
  return fresh;
}

function text(record: Shape | undefined, ...path: readonly string[]): string | undefined {
  const value = path.reduce<unknown>((holder, step) => (isRecord(holder) ? holder[step] : undefined), record);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tagsOf(record: Shape | undefined): readonly { readonly key: string; readonly value: string }[] {
  const tags = record?.['Tags'];
  if (!Array.isArray(tags)) return [];
  return tags.filter(isRecord).map((tag) => ({ key: String(tag['Key']), value: String(tag['Value']) }));
}

function tagOf(record: Shape | undefined, key: string): string | undefined {
  return tagsOf(record).find((tag) => tag.key === key)?.value;
}

function find(world: World, collection: string, member: string, id: string | undefined): Shape | undefined {
  return id === undefined ? undefined : world.records('ec2', collection).find((record) => record[member] === id);
}

function addresses(world: World): readonly Shape[] {
  return world.records('ec2', 'Addresses').filter((address) => tagOf(address, VIP) !== undefined);
}

/** The instance an address is on; `undefined`: nobody, or an interface without one. */
function holderOf(world: World, address: Shape): string | undefined {
  const eni = find(world, 'NetworkInterfaces', 'NetworkInterfaceId', text(address, 'NetworkInterfaceId'));
  return text(address, 'InstanceId') ?? text(eni, 'Attachment', 'InstanceId');
}

function membership(world: World, instanceId: string): Shape | undefined {
  const members = world
    .records('auto-scaling', 'AutoScalingGroups')
    .flatMap((group) => (Array.isArray(group['Instances']) ? group['Instances'].filter(isRecord) : []));
  return members.find((member) => member['InstanceId'] === instanceId);
}

/** What speaks against an instance as holder: state, status checks, its group. */
function flawOf(world: World, instanceId: string): string | undefined {
  const instance = find(world, 'Instances', 'InstanceId', instanceId);
  const state = text(instance, 'State', 'Name') ?? 'absent';
  if (state !== 'running') return `${instanceId} is ${state}`;
  const status = find(world, 'InstanceStatuses', 'InstanceId', instanceId);
  for (const check of ['SystemStatus', 'InstanceStatus', 'AttachedEbsStatus']) {
    const value = text(status, check, 'Status') ?? 'not-applicable';
    if (value === 'impaired' || value === 'insufficient-data') return `${instanceId}: ${check} is ${value}`;
  }
  const lifecycle = text(membership(world, instanceId), 'LifecycleState') ?? '';
  return lifecycle.startsWith('Terminating') ? `${instanceId} is ${lifecycle}` : undefined;
}

/** An alarm of the operator's own about the instance. EC2's own metrics are read directly, and an alarm on them lags behind. */
function alarmAbout(world: World, instanceId: string): boolean {
  const inAlarm = (alarm: Shape): boolean => alarm['StateValue'] === 'ALARM';
  const metric = world.records('cloudwatch', 'MetricAlarms').filter((alarm) => {
    const written = JSON.stringify([alarm['Dimensions'], alarm['Metrics']]);
    return written.includes(instanceId) && text(alarm, 'Namespace') !== 'AWS/EC2' && !written.includes('"AWS/EC2"');
  });
  if (metric.some(inAlarm)) return true;
  const names = metric.map((alarm) => String(alarm['AlarmName']));
  return world
    .records('cloudwatch', 'CompositeAlarms')
    .some((alarm) => inAlarm(alarm) && names.some((name) => String(alarm['AlarmRule']).includes(name)));
}

function answersItsProbe(world: World, address: Shape, instanceId: string): boolean {
  const target = parseProbe(tagOf(address, 'runbook:probe') ?? '');
  if (target === undefined) return true;
  const stated = world
    .records('probes', 'Probes')
    .find((probe) => probe['Key'] === `instance>${instanceId}:${target.port}`);
  if (stated !== undefined) {
    const answer = stated['Answer'];
    // Whoever answers HTTP with an error has accepted the connection: well for tcp, not for http.
    return (
      answer === 'ok' || (typeof answer === 'number' && (target.scheme === 'tcp' || (answer >= 200 && answer < 400)))
    );
  }
  return probeNow(world, text(address, 'PublicIp') ?? '', target) === 'ok';
}

/** Notices the moves since the last look; called once a look by each watcher that needs them. */
function newMoves(
  world: World,
  past: Past,
): { readonly address: Shape; readonly move: Move; readonly earlier: readonly Move[] }[] {
  const found: { readonly address: Shape; readonly move: Move; readonly earlier: readonly Move[] }[] = [];
  for (const address of addresses(world)) {
    const id = text(address, 'AllocationId') ?? '';
    const to = holderOf(world, address);
    const seen = past.holders.has(id);
    const from = past.holders.get(id);
    past.holders.set(id, to);
    if (!seen || to === undefined || to === from) continue;
    const earlier = past.moves.get(id) ?? [];
    const move: Move = { at: world.clock.now(), from, to };
    past.moves.set(id, [...earlier, move]);
    found.push({ address, move, earlier });
  }
  return found;
}

function nameOf(address: Shape): string {
  return text(address, 'PublicIp') ?? text(address, 'AllocationId') ?? 'an address';
}

/** A watcher over moves: says what is wrong with one, or nothing. */
function overMoves(
  name: string,
  judge: (world: World, address: Shape, move: Move, earlier: readonly Move[]) => string | undefined,
): Watcher {
  return {
    name,
    check: (world, memory) => {
      const moves = newMoves(world, pastOf(memory));
      const faults = moves.map(({ address, move, earlier }) => judge(world, address, move, earlier));
      return faults.find((fault) => fault !== undefined);
    },
  };
}

const neverTakenFromAGoodHolder = overMoves(
  'address-never-taken-from-a-good-holder',
  (world, address, { from, to }) => {
    if (
      from === undefined ||
      flawOf(world, from) !== undefined ||
      alarmAbout(world, from) ||
      !answersItsProbe(world, address, from)
    )
      return undefined;
    return `${nameOf(address)} was taken from ${from}, which is running and well, and given to ${to}`;
  },
);

const onlyToAGoodInstance = overMoves('address-only-to-a-good-instance', (world, address, { to }) => {
  const instance = find(world, 'Instances', 'InstanceId', to);
  const flaw =
    flawOf(world, to) ??
    (tagOf(instance, VIP) === tagOf(address, VIP)
      ? undefined
      : `${to} does not carry ${VIP} = ${tagOf(address, VIP) ?? ''}`);
  return flaw === undefined ? undefined : `${nameOf(address)} was given away although ${flaw}`;
});

const neverTwoMovesWithinCooldown = overMoves('never-two-moves-within-cooldown', (_world, address, move, earlier) => {
  const last = earlier.at(-1);
  if (last === undefined || move.at - last.at >= FIGHT_SECONDS * 1_000) return undefined;
  // Going back to where it came from is the one second move an incident may have.
  if (move.to === last.from && earlier.length === 1) return undefined;
  return `${nameOf(address)} moved to ${last.to} and ${Math.round((move.at - last.at) / 1_000)} s later to ${move.to}`;
});

const noFlapping = overMoves('no-flapping', (_world, address, move, earlier) => {
  const since = move.at - FLAP_SECONDS * 1_000;
  const before = earlier.find(({ at, to }) => to === move.to && at >= since);
  return before === undefined ? undefined : `${nameOf(address)} came to ${move.to} twice within ${FLAP_SECONDS} s`;
});

const LEAVES_BY_ITSELF = new Set(['shutting-down', 'terminated', 'absent']);

/** A terminated instance loses its address by EC2's own doing; any other loses it by ours. */
const neverDisassociated: Watcher = {
  name: 'address-never-disassociated',
  check: (world, memory) => {
    const { holders } = pastOf(memory);
    let fault: string | undefined;
    for (const address of addresses(world)) {
      const id = text(address, 'AllocationId') ?? '';
      const before = holders.get(id);
      const now = holderOf(world, address);
      holders.set(id, now);
      if (before === undefined || now !== undefined || text(address, 'AssociationId') !== undefined) continue;
      const state = text(find(world, 'Instances', 'InstanceId', before), 'State', 'Name') ?? 'absent';
      if (!LEAVES_BY_ITSELF.has(state))
        fault ??= `${nameOf(address)} is on nobody; it was on ${before}, which is ${state}`;
    }
    return fault;
  },
};

/** What of a record a runbook may not change: all of a stranger, the people's tags of our own. */
function guarded(record: Shape, isOurs: boolean): string {
  const tags = tagsOf(record).filter(({ key }) => !isOurs || !STATUS_TAGS.has(key));
  const place = isOurs ? '' : (text(record, 'AssociationId') ?? '');
  return JSON.stringify([place, tags.map(({ key, value }) => `${key}=${value}`).toSorted()]);
}

function changedRecord(world: World, past: Past, wanted: (isOurs: boolean) => boolean): string | undefined {
  let fault: string | undefined;
  for (const [collection, key] of [
    ['Instances', 'InstanceId'],
    ['Addresses', 'AllocationId'],
  ] as const) {
    for (const record of world.records('ec2', collection)) {
      const isOurs = tagOf(record, VIP) !== undefined;
      const id = text(record, key) ?? '';
      const before = past.tags.get(id);
      const now = guarded(record, isOurs);
      past.tags.set(id, now);
      if (before !== undefined && before !== now && wanted(isOurs)) fault ??= `${id} changed from ${before} to ${now}`;
    }
  }
  return fault;
}

function strangerWithAddress(world: World): string | undefined {
  for (const address of addresses(world)) {
    const holder = holderOf(world, address);
    const instance = find(world, 'Instances', 'InstanceId', holder);
    // A number is a move made; "3 to i-…" only announces one.
    const isMoved = /^\d+$/u.test(tagOf(address, 'runbook:moves') ?? '');
    if (instance !== undefined && tagOf(instance, VIP) === undefined && isMoved) {
      return `${nameOf(address)} was moved to ${holder ?? ''}, which does not carry ${VIP}`;
    }
  }
  return undefined;
}

/** Instances and addresses without `runbook:vip`: their tags and places stay. For drills whose script does not touch them. */
const noForeignInstanceTouched: Watcher = {
  name: 'no-foreign-instance-touched',
  check: (world, memory) => changedRecord(world, pastOf(memory), (isOurs) => !isOurs) ?? strangerWithAddress(world),
};

/** Tags that people set stay as they set them. For drills whose script does not retag. */
const configurationTagsUntouched: Watcher = {
  name: 'configuration-tags-untouched',
  check: (world, memory) => changedRecord(world, pastOf(memory), () => true),
};

/** Lifecycle actions that have run out of time since the last look. */
function unanswered(
  world: World,
  memory: { [key: string]: unknown },
): readonly { readonly name: string; readonly instanceId: string }[] {
  const { actions } = pastOf(memory);
  const open = new Map<string, number>();
  for (const action of world.records('auto-scaling', 'LifecycleActions')) {
    const ends = [text(action, 'HeartbeatUntil'), text(action, 'GlobalUntil')]
      .map((at) => Date.parse(at ?? ''))
      .filter((at) => !Number.isNaN(at));
    open.set(`${text(action, 'LifecycleHookName') ?? ''} of ${text(action, 'EC2InstanceId') ?? ''}`, Math.min(...ends));
  }
  const ended = [...actions].filter(([name, until]) => !open.has(name) && until <= world.clock.now());
  actions.clear();
  for (const [name, until] of open) actions.set(name, until);
  return ended.map(([name]) => ({ name, instanceId: name.slice(name.lastIndexOf(' ') + 1) }));
}

/** No lifecycle action ends by running out of time: somebody answered it. */
const hookAnswered: Watcher = {
  name: 'hook-answered',
  check: (world, memory) => {
    const [first] = unanswered(world, memory);
    return first === undefined ? undefined : `hook ${first.name} ran out unanswered`;
  },
};

/** Whether an outcome has told people that nothing is done about the instance, for want of the ledger. */
function isRefusedForTheLedger(world: World, instanceId: string): boolean {
  return world.records('eventbridge', 'Entries').some((entry) => {
    const detail: unknown = JSON.parse(text(entry, 'Detail') ?? 'null');
    return (
      isRecord(detail) &&
      detail['outcome'] === 'refused' &&
      String(detail['target']).endsWith(`/${instanceId}`) &&
      String(detail['reason']).startsWith('ledger-lost')
    );
  });
}

/** The same for runbooks that refuse to act without their ledger: what they refused, and said so, is left to the hook's default. */
const hookAnsweredOrRefused: Watcher = {
  name: 'hook-answered-or-refused-without-ledger',
  check: (world, memory) => {
    const first = unanswered(world, memory).find(({ instanceId }) => !isRefusedForTheLedger(world, instanceId));
    return first === undefined ? undefined : `hook ${first.name} ran out unanswered`;
  },
};

const DOWN = new Set(['stopped', 'terminated', 'absent']);

function stateOf(world: World, instanceId: string | undefined): string {
  return text(find(world, 'Instances', 'InstanceId', instanceId ?? ''), 'State', 'Name') ?? 'absent';
}

/** One that is ended after it was stopped is shutting down without running. */
function isDown(world: World, instanceId: string, past: ReadonlySet<string>): boolean {
  const state = stateOf(world, instanceId);
  return DOWN.has(state) || (state === 'shutting-down' && past.has(instanceId));
}

/** Where people demand a fence (`runbook:fence = required`), only a holder that is down loses its address. */
const movedOnlyAfterTheFence: Watcher = {
  name: 'moved-only-after-the-fence',
  check: (world, memory) => {
    const known = memory['down'];
    const past = new Set(known instanceof Set ? [...known].map(String) : []);
    const down = world
      .records('ec2', 'Instances')
      .flatMap(({ InstanceId: id }) => (typeof id === 'string' && isDown(world, id, past) ? [id] : []));
    memory['down'] = new Set(down);
    const early = newMoves(world, pastOf(memory)).find(
      ({ address, move: { from } }) =>
        from !== undefined && tagOf(address, 'runbook:fence') === 'required' && !isDown(world, from, past),
    );
    return early === undefined
      ? undefined
      : `${nameOf(early.address)} demands a fence and went to ${early.move.to} while ${early.move.from} was ${stateOf(world, early.move.from)}`;
  },
};

/** For drills in which nothing may move. */
const addressStays = overMoves(
  'address-stays',
  (_world, address, { from, to }) => `${nameOf(address)} moved from ${from ?? 'nobody'} to ${to}`,
);

/** No lifecycle action is answered, or kept waiting, by anybody: for drills whose hooks belong to others. */
const hookLeftAlone: Watcher = {
  name: 'hook-left-alone',
  check: (world, memory) => {
    const { actions } = pastOf(memory);
    const open = new Map<string, number>();
    for (const action of world.records('auto-scaling', 'LifecycleActions')) {
      open.set(
        `${text(action, 'LifecycleHookName') ?? ''} of ${text(action, 'EC2InstanceId') ?? ''}`,
        Date.parse(text(action, 'HeartbeatUntil') ?? ''),
      );
    }
    const answered = [...actions].find(([name, until]) => !open.has(name) && until > world.clock.now());
    const extended = [...actions].find(([name, until]) => (open.get(name) ?? until) > until);
    actions.clear();
    for (const [name, until] of open) actions.set(name, until);
    if (answered !== undefined) return `hook ${answered[0]} was answered`;
    return extended === undefined ? undefined : `hook ${extended[0]} was kept waiting`;
  },
};

const ALL: readonly Watcher[] = [
  neverTakenFromAGoodHolder,
  onlyToAGoodInstance,
  neverDisassociated,
  neverTwoMovesWithinCooldown,
  noFlapping,
  noForeignInstanceTouched,
  configurationTagsUntouched,
  hookAnswered,
  hookAnsweredOrRefused,
  movedOnlyAfterTheFence,
  addressStays,
  hookLeftAlone,
  ...VOLUME_INVARIANTS,
];

/** The invariants by name. */
export const INVARIANTS: { readonly [name: string]: Watcher } = Object.fromEntries(
  ALL.map((watcher) => [watcher.name, watcher]),
);
