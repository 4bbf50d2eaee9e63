/**
 * Who should hold an Elastic IP. The holder is computed from what is seen on both sides, never toggled: the same facts
 * give the same holder however often, and in whatever order, the events arrive.
 */

import type { Act, ApiCall, Decision, Evidence, KernelFacts, PlannedCall } from '../../shared/kernel/decision.ts';
import { fenceOf } from './decide/fencing.ts';
import { completion, heartbeat, type HookFacts } from '../../shared/judgement/hooks.ts';
import {
  groupFlaw,
  isLeaving,
  isSteady,
  readChecks,
  stateFlaw,
  type Flaw,
  type InstanceFacts,
  type PrivateSlot,
} from '../../shared/judgement/instance-health.ts';
import { judgeInstance, type AlarmFacts, type ProbeReading, type Verdict } from './decide/instance-verdict.ts';
import { nothing, needsHistory, refuse, wait } from '../../shared/judgement/decisions.ts';
import { byRank } from './decide/rank.ts';
import { changesOf, isUnbooked, pendingOf, remembered, secondsSince } from '../../shared/judgement/since.ts';
import { tagging, untagging } from './decide/tag-calls.ts';

export type EventTrigger = 'alarm' | 'state' | 'launch-hook' | 'terminate-hook' | 'launch-result';

/** What started the run. `raised`: false for an alarm that went to OK or INSUFFICIENT_DATA. */
export type Ask =
  | { readonly kind: 'reconcile' }
  | {
      readonly kind: 'event';
      readonly trigger: EventTrigger;
      readonly instanceIds: readonly string[];
      readonly raised: boolean;
      readonly alarmNames: readonly string[];
    }
  | { readonly kind: 'move'; readonly to: string; readonly force: boolean }
  | { readonly kind: 'fail-back'; readonly force: boolean };

/** An instance that carries the address's name, or holds the address without carrying it. */
export interface Machine extends InstanceFacts {
  readonly vip: string | null;
  /** Lower first. */
  readonly priority: number;
  readonly quarantinedAt: string | null;
  /** Every volume of its group's set is attached; true where there is no set. */
  readonly volumesComplete: boolean;
  /** The probe of its own public address; `none` where it has none or the address asks for no probe. */
  readonly probe: ProbeReading;
}

export interface AddressFacts {
  readonly allocationId: string;
  readonly publicIp: string;
  readonly vip: string;
  readonly borderGroup: string;
  /** `instanceId` null: a NAT gateway or its like. */
  readonly association: {
    readonly instanceId: string | null;
    readonly interfaceId: string;
    readonly privateIp: string;
  } | null;
  /** Addresses of the same name, in the same plight, that choose their private address before this one. */
  readonly ahead: number;
  readonly fence: 'none' | 'best-effort' | 'required';
  /** The `runbook:probe` tag; `probe` is what it said of the present holder. */
  readonly probeTag: string | null;
  readonly probe: ProbeReading;
  readonly failbackMinutes: number | null;
  readonly movedAt: string | null;
  readonly moves: number;
  /** Without the ledger a move is announced in the tags: the instance it is to bring the address to. */
  readonly announcedTo: string | null;
  /** Tags whose value cannot be read. */
  readonly problems: readonly string[];
}

export interface Facts extends KernelFacts {
  readonly ask: Ask;
  readonly address: AddressFacts;
  readonly instances: readonly Machine[];
  readonly hooks: readonly HookFacts[];
  /** The event's lifecycle action does not show yet in what Auto Scaling says of the instance. */
  readonly hookUnseen: boolean;
  readonly alarms: readonly AlarmFacts[];
}

export interface ElasticIpLimits {
  readonly maxAgeSeconds: number;
  readonly cooldownSeconds: number;
  /** How long a booting instance is waited for, from its launch. */
  readonly maxBootSeconds: number;
  /** How long status checks must stay unreadable before a second sign makes them bad. */
  readonly doubtSeconds: number;
  /** How long a loser must be steady before it is a candidate again. */
  readonly quarantineSeconds: number;
  /** Least time between two moves of an address while the ledger does not answer. */
  readonly unledgeredSeconds: number;
  /** Age from which an answered or announced thing is another run's, not this one's: half the schedule. */
  readonly echoSeconds: number;
  /** A remembered probe success is renewed after so long. */
  readonly baselineSeconds: number;
}

interface Standby {
  readonly machine: Machine;
  readonly slot: PrivateSlot | null;
  readonly flaws: readonly Flaw[];
}

interface View {
  readonly facts: Facts;
  readonly limits: ElasticIpLimits;
  readonly now: string;
  readonly holder: Machine | null;
  readonly health: Health;
  readonly standbys: readonly Standby[];
  /** Best first. */
  readonly good: readonly Standby[];
  readonly booting: readonly Standby[];
  /** The holder leaves in good health and its successor is on the way: its terminate hook can wait. */
  readonly holding: boolean;
  readonly evidence: Evidence;
}

const [QUARANTINED, MOVED_AT, MOVES] = ['runbook:quarantined', 'runbook:moved-at', 'runbook:moves'] as const;
const ENDING = new Set(['shutting-down', 'terminated', 'absent']);

type Health = Verdict | { readonly verdict: 'nobody' | 'foreign'; readonly why: string };

function healthOf(facts: Facts, holder: Machine | null, limits: ElasticIpLimits, now: string): Health {
  const { address, ask, alarms, history } = facts;
  if (address.association === null) return { verdict: 'nobody', why: `${address.publicIp} is on nobody` };
  if (holder === null)
    return {
      verdict: 'foreign',
      why: `${address.association.interfaceId} belongs to no instance (a NAT gateway or another service)`,
    };
  const isOnlyAnnounced = address.announcedTo !== null && address.announcedTo !== holder.id;
  const told = {
    alarms,
    toldAlarms: ask.kind === 'event' ? ask.alarmNames : [],
    alarmsAfter: isOnlyAnnounced ? null : address.movedAt,
    maxAlarmSeconds: limits.maxAgeSeconds,
  };
  return judgeInstance(
    holder,
    {
      ...told,
      baselineKey: `probe:${holder.id}`,
      suspectKey: `suspect:${holder.id}`,
      probe: address.probe,
      doubtSeconds: limits.doubtSeconds,
    },
    history,
    now,
  );
}

/** A silent standby is held against it only if it has answered as a standby before: many start their service on taking over. */
function probeFlaw(facts: Facts, { id, probe }: Machine): Flaw | undefined {
  if (probe !== 'failed' || facts.history === 'lost') return undefined;
  if (facts.history === 'unread') return { kind: 'unread', why: 'does not answer its probe' };
  const baseline = remembered(facts.history, `ready:${id}`);
  return baseline === undefined
    ? undefined
    : { kind: 'failing', why: `no longer answers its probe, it did at ${baseline}` };
}

function standbyOf(facts: Facts, machine: Machine): Standby {
  const { address, alarms } = facts;
  const free = machine.slots.filter(({ elasticIp }) => elasticIp === null || elasticIp === address.publicIp);
  const slot = free[address.ahead] ?? null;
  const flaws: (Flaw | undefined)[] = [
    stateFlaw(machine),
    groupFlaw(machine, machine.volumesComplete),
    probeFlaw(facts, machine),
  ];
  const alarm = alarms.find(({ kind, instanceIds }) => kind === 'service' && instanceIds.includes(machine.id));
  if (alarm !== undefined) flaws.push({ kind: 'failing', why: `alarm ${alarm.name} is in ALARM` });
  if (machine.quarantinedAt !== null)
    flaws.push({ kind: 'quarantined', why: `is quarantined since ${machine.quarantinedAt}` });
  if (machine.borderGroup !== address.borderGroup)
    flaws.push({
      kind: 'misfit',
      why: `is in border group ${machine.borderGroup}, the address in ${address.borderGroup}`,
    });
  if (slot === null && !ENDING.has(machine.state)) {
    const taken = machine.slots.flatMap(({ elasticIp }) => elasticIp ?? []);
    flaws.push({
      kind: 'misfit',
      why: `has no free private address: would displace ${taken.join(', ') || 'another of this name'}`,
    });
  }
  return { machine, slot, flaws: flaws.filter((flaw) => flaw !== undefined) };
}

function isBooting({ machine, flaws }: Standby, limits: ElasticIpLimits, now: string): boolean {
  return (
    flaws.every(({ kind }) => kind === 'booting') &&
    machine.launchedAt !== null &&
    secondsSince(machine.launchedAt, now) <= limits.maxBootSeconds
  );
}

/** An announced destination first, so that an interrupted move ends where it was going; then priority, another zone than the holder's, id. */
function byPreference({ address, history }: Facts, holder: Machine | null): (left: Standby, right: Standby) => number {
  const announced = pendingOf(history)?.note['to'] ?? address.announcedTo;
  return byRank(({ machine: { id, priority, zone } }) => [
    id === announced ? 0 : 1,
    priority,
    zone === holder?.zone ? 1 : 0,
    id,
  ]);
}

function verdictOn({ flaws }: Standby): string {
  return flaws.map(({ why }) => why).join('; ') || 'good';
}

function evidenceOf(
  { address, alarms }: Facts,
  holder: Machine | null,
  health: Health,
  standbys: readonly Standby[],
): Evidence {
  return {
    address: `${address.publicIp} (${address.allocationId}, runbook:vip = ${address.vip})`,
    holder: { id: holder?.id ?? address.association?.interfaceId ?? null, verdict: health.verdict, why: health.why },
    standbys: Object.fromEntries(standbys.map((standby) => [standby.machine.id, verdictOn(standby)])),
    ...(alarms.length > 0 ? { alarms: alarms.map(({ name, kind }) => `${name} (${kind}) is in ALARM`) } : {}),
  };
}

function survey(facts: Facts, limits: ElasticIpLimits, now: string): View {
  const { address, instances } = facts;
  const holder = instances.find(({ id }) => id === address.association?.instanceId) ?? null;
  const candidates = instances.filter(({ id, vip }) => vip === address.vip && id !== holder?.id);
  const standbys = candidates.map((machine) => standbyOf(facts, machine)).toSorted(byPreference(facts, holder));
  const good = standbys.filter(({ flaws }) => flaws.length === 0);
  const booting = standbys.filter((standby) => standby.flaws.length > 0 && isBooting(standby, limits, now));
  const alive = holder !== null && holder.state === 'running' && readChecks(holder.checks).verdict === 'ok';
  const holding = alive && isLeaving(holder) && good.length === 0 && booting.length > 0;
  const health = healthOf(facts, holder, limits, now);
  return {
    facts,
    limits,
    now,
    holder,
    health,
    standbys,
    good,
    booting,
    holding,
    evidence: evidenceOf(facts, holder, health, standbys),
  };
}

function quarantine({ id }: Machine, at: string): PlannedCall {
  const { call, input } = untagging(id, QUARANTINED, at, '');
  return {
    ...tagging(id, { [QUARANTINED]: at }, `${id} lost the address while it was failing`),
    undo: { call, input },
  };
}

/** Only what carries the name may be tagged, and what ends needs no quarantine. */
function mayQuarantine(loser: Machine, { address }: Facts): boolean {
  return loser.vip === address.vip && loser.quarantinedAt === null && !ENDING.has(loser.state) && !isLeaving(loser);
}

function associate(facts: Facts, to: Omit<PrivateSlot, 'elasticIp'>): ApiCall {
  const { allocationId } = facts.address;
  // One atomic call: to disassociate first would leave the address on nobody if the second call failed.
  const input = {
    AllocationId: allocationId,
    NetworkInterfaceId: to.interfaceId,
    PrivateIpAddress: to.privateIp,
    AllowReassociation: true,
  };
  return { call: 'ec2:AssociateAddress', input };
}

/** The book-keeping of a move: when, and how many so far. */
function entry({ allocationId }: AddressFacts, movedAt: string, moves: number): PlannedCall {
  return tagging(
    allocationId,
    { [MOVED_AT]: movedAt, [MOVES]: String(moves) },
    'when it moved, and how often: known without the ledger',
  );
}

function relocate(view: View, to: Standby, code: string, why: string, budget: Act['budget'] = 'counted'): Decision {
  const { facts, holder, health, now } = view;
  const { address, history } = facts;
  const { machine, slot } = to;
  if (slot === null)
    return refuse(
      view.evidence,
      'no-free-private-address',
      `${machine.id} has no private address for ${address.publicIp}`,
    );
  const fence =
    health.verdict === 'foreign' && address.fence === 'required'
      ? { kind: 'refuse' as const, why: health.why }
      : fenceOf(address.fence, holder, holder?.vip === address.vip, health.verdict === 'good');
  if (fence.kind === 'refuse')
    return refuse(view.evidence, 'cannot-fence', `${why}; the address demands a fence, but ${fence.why}`);
  if (fence.kind === 'wait') return wait(view.evidence, 'fence-pending', `${why}; ${fence.why}`, 15);
  const loser = holder !== null && health.verdict === 'bad' && mayQuarantine(holder, facts) ? holder : null;
  const evidence = { ...view.evidence, fence: fence.why };
  const intent = `${address.allocationId} -> ${machine.id} ${slot.interfaceId}/${slot.privateIp}`;
  const note = {
    from: holder?.id ?? null,
    to: machine.id,
    interfaceId: slot.interfaceId,
    privateIp: slot.privateIp,
    movedAt: now,
    moves: address.moves + 1,
    quarantine: loser?.id ?? null,
  };
  const act = { kind: 'act' as const, code, because: `${why}; ${machine.id} is good`, evidence, intent, note, budget };
  if (fence.kind === 'stop') return { ...act, plan: [fence.call], more: true };
  const proof =
    typeof history === 'object' && history.memory[`probe:${machine.id}`] !== undefined && address.probeTag !== null
      ? { expect: { probe: address.probeTag } }
      : {};
  const undo = address.association === null ? {} : { undo: associate(facts, address.association) };
  const plan = [
    ...(history === 'lost'
      ? [
          tagging(
            address.allocationId,
            { [MOVED_AT]: now, [MOVES]: `${address.moves} to ${machine.id}` },
            'announced here, for the ledger does not answer',
          ),
        ]
      : []),
    ...fence.calls,
    { ...associate(facts, slot), because: `${why}; ${machine.id} is good`, ...undo, ...proof },
    entry(address, note.movedAt, note.moves),
    ...(loser === null ? [] : [quarantine(loser, now)]),
    ...facts.hooks.map((hook) =>
      completion(hook, `${address.publicIp} is on ${machine.id}: ${hook.instanceId} need not wait`),
    ),
  ];
  return { ...act, plan };
}

/** Nobody (good) holds it: the best candidate takes it. */
function takeOver(view: View, code: string): Decision {
  const {
    facts,
    holder,
    health,
    good: [best],
    booting: [next],
    standbys,
    limits,
    now,
  } = view;
  const {
    address: { movedAt, announcedTo },
    history,
  } = facts;
  const sinceMove =
    movedAt === null || (announcedTo !== null && announcedTo !== holder?.id) ? Infinity : secondsSince(movedAt, now);
  if (history === 'lost' && sinceMove < limits.unledgeredSeconds)
    return refuse(
      view.evidence,
      'too-soon-without-ledger',
      `${health.why}; moved at ${movedAt}, and without the ledger it moves once in ${limits.unledgeredSeconds} s`,
    );
  if (movedAt !== null && sinceMove < limits.cooldownSeconds && isUnbooked(history, movedAt))
    return refuse(view.evidence, 'cooldown', `${health.why}; moved at ${movedAt}, which the ledger has not booked`);
  if (standbys.some(({ flaws }) => flaws.length > 0 && flaws.every(({ kind }) => kind === 'unread')))
    return needsHistory(view.evidence, `${health.why}; a candidate is silent`);
  if (best !== undefined) return relocate(view, best, code, health.why);
  if (next !== undefined)
    return wait(view.evidence, 'standby-booting', `${health.why}; ${next.machine.id} ${verdictOn(next)}`, 15);
  return refuse(view.evidence, 'no-good-candidate', `${health.why}; no candidate is good`);
}

/** The candidate that a lower priority makes the rightful holder, if it has been steady for as long as the address's tag asks. */
function dueBack({ facts, holder, good: [best], now }: View): Standby | undefined {
  const { failbackMinutes } = facts.address;
  if (facts.ask.kind !== 'reconcile' || failbackMinutes === null || holder === null || best === undefined)
    return undefined;
  const since = remembered(facts.history, `stable:${best.machine.id}`);
  return best.machine.priority < holder.priority &&
    since !== undefined &&
    secondsSince(since, now) >= failbackMinutes * 60
    ? best
    : undefined;
}

function uphold(view: View): Decision {
  const { facts, holder, health } = view;
  const { ask } = facts;
  const isAboutAnother =
    ask.kind === 'event' &&
    (ask.trigger === 'alarm' || ask.trigger === 'state') &&
    holder !== null &&
    !ask.instanceIds.includes(holder.id);
  if (isAboutAnother)
    return nothing(
      view.evidence,
      'not-the-holder',
      `${ask.instanceIds.join(', ')} does not hold ${facts.address.publicIp}, ${holder.id} does`,
    );
  switch (health.verdict) {
    case 'nobody':
      return takeOver(view, 'taken-up');
    case 'bad':
      return takeOver(view, holder !== null && isLeaving(holder) ? 'handed-over' : 'failed-over');
    case 'foreign':
      return refuse(view.evidence, 'held-by-interface', `${health.why}; a person may move it with force`);
    case 'unread':
      return needsHistory(view.evidence, health.why);
    case 'doubtful':
      return wait(view.evidence, 'holder-doubtful', health.why, 60);
    case 'unreadable':
      return refuse(view.evidence, 'holder-unreadable', health.why);
    case 'starting':
      return wait(view.evidence, 'holder-starting', health.why, 30);
    case 'good':
      break;
  }
  const back = dueBack(view);
  if (back !== undefined)
    return relocate(
      view,
      back,
      'failed-back',
      `${back.machine.id} comes before ${holder?.id ?? ''} and has been steady`,
    );
  return facts.hookUnseen
    ? wait(view.evidence, 'hook-not-seen', 'the lifecycle action does not show yet', 15)
    : nothing(view.evidence, 'holder-healthy', health.why);
}

/** A person's move: from a healthy holder too, but only to a good candidate. The person is the limit, so it is not counted. */
function byHand(view: View, ask: Extract<Ask, { kind: 'move' | 'fail-back' }>): Decision {
  const { holder, health, standbys, facts } = view;
  if (health.verdict === 'foreign' && !ask.force)
    return refuse(view.evidence, 'held-by-interface', `${health.why}; say force to take it from there`);
  const isNamed = ({ id, slots }: Machine): boolean =>
    ask.kind === 'move' && (ask.to === id || slots.some(({ interfaceId }) => interfaceId === ask.to));
  if (holder !== null && isNamed(holder))
    return nothing(view.evidence, 'already-there', `${holder.id} holds ${facts.address.publicIp}`);
  const isMeant = ({ machine }: Standby): boolean =>
    ask.kind === 'move' ? isNamed(machine) : holder === null || machine.priority < holder.priority;
  const meant = standbys.filter(isMeant);
  if (meant.length === 0 && ask.kind === 'move')
    return refuse(
      view.evidence,
      'unknown-candidate',
      `${ask.to} is no candidate: it does not carry runbook:vip = ${facts.address.vip}`,
    );
  if (meant.length === 0)
    return nothing(view.evidence, 'already-preferred', `no candidate comes before ${holder?.id ?? 'nobody'}`);
  const fit = meant.find(({ flaws }) => flaws.every(({ kind }) => ask.force && kind === 'quarantined'));
  if (fit !== undefined)
    return relocate(view, fit, ask.kind === 'move' ? 'moved-by-hand' : 'failed-back', 'a person asked for it', 'free');
  return refuse(
    view.evidence,
    'candidate-not-good',
    meant.map((standby) => `${standby.machine.id} ${verdictOn(standby)}`).join(', '),
  );
}

/** A move that could not be verified: back, if that is proven good now. Who failed it is quarantined: else the same request again would begin the outage anew. */
function goBack(view: View, plan: readonly PlannedCall[]): Decision {
  const {
    facts: { address, history },
    holder,
    health,
    now,
  } = view;
  const input = plan.find(({ call, undo }) => call === 'ec2:AssociateAddress' && undo !== undefined)?.undo?.input;
  const isThere = ({ interfaceId, privateIp }: Omit<PrivateSlot, 'elasticIp'>): boolean =>
    interfaceId === input?.['NetworkInterfaceId'] && privateIp === input['PrivateIpAddress'];
  const isBack = address.association !== null && isThere(address.association);
  const because = 'the move could not be verified; who held it before is good';
  const act = {
    kind: 'act' as const,
    code: 'went-back',
    because,
    evidence: view.evidence,
    intent: `${address.allocationId} back`,
    budget: 'free' as const,
    attention: true as const,
  };
  const left = unfinished(view);
  if (isBack && left.length > 0) return { ...act, note: { ...pendingOf(history)?.note }, plan: left };
  if (input === undefined || isBack)
    return refuse(view.evidence, 'cannot-go-back', `there is nothing to take back; ${health.why}`);
  if (health.verdict === 'good')
    return nothing(view.evidence, 'good-after-all', `${health.why}; to go back would only break connections again`);
  const previous = view.good.find(({ machine }) =>
    machine.slots.some((slot) => isThere(slot) && slot.elasticIp === null),
  );
  if (previous === undefined)
    return refuse(view.evidence, 'cannot-go-back', `the previous holder is not proven good; ${health.why}`);
  const loser = holder !== null && view.health.verdict === 'bad' && mayQuarantine(holder, view.facts) ? holder : null;
  const note = {
    to: previous.machine.id,
    interfaceId: input['NetworkInterfaceId'],
    privateIp: input['PrivateIpAddress'],
    movedAt: now,
    moves: address.moves + 1,
    quarantine: loser?.id ?? null,
  };
  const calls = [
    { call: 'ec2:AssociateAddress', input, because },
    entry(address, now, note.moves),
    ...(loser === null ? [] : [quarantine(loser, now)]),
  ];
  return { ...act, note, plan: calls };
}

/** What an interrupted move left unwritten, once the address is where that move was to bring it. */
function unfinished({ facts, holder, now }: View): readonly PlannedCall[] {
  const { address, instances } = facts;
  if (address.announcedTo !== null && address.announcedTo === holder?.id)
    return [entry(address, address.movedAt ?? now, address.moves + 1)];
  const note = pendingOf(facts.history)?.note;
  const movedAt = note?.['movedAt'];
  const there = address.association;
  if (
    typeof movedAt !== 'string' ||
    there === null ||
    there.interfaceId !== note?.['interfaceId'] ||
    there.privateIp !== note['privateIp']
  )
    return [];
  const loser = instances.find((each) => each.id === note['quarantine'] && mayQuarantine(each, facts));
  const isEntered = address.movedAt !== null && address.movedAt >= movedAt;
  return [
    ...(isEntered ? [] : [entry(address, movedAt, Number(note['moves']))]),
    ...(loser === undefined ? [] : [quarantine(loser, movedAt)]),
  ];
}

function answerTo(view: View, hook: HookFacts, isServed: boolean): PlannedCall | undefined {
  const { holder, holding, standbys, limits, now } = view;
  const { instanceId, transition, toWarmPool } = hook;
  if (transition === 'terminating')
    return holding && instanceId === holder?.id
      ? undefined
      : completion(hook, `${instanceId} has nothing to hand over, or nobody to hand it to`);
  if (toWarmPool || isServed) return completion(hook, `${instanceId} need not wait for the address`);
  const standby = standbys.find(({ machine }) => machine.id === instanceId);
  if (standby === undefined || standby.flaws.some(({ kind }) => kind === 'misfit'))
    return completion(hook, `${instanceId} cannot take the address`);
  const { launchedAt } = standby.machine;
  // Beyond that the hook's own default result decides: an instance that never boots must not be kept alive by heartbeats.
  return launchedAt !== null && secondsSince(launchedAt, now) <= limits.maxBootSeconds
    ? heartbeat(hook, `${instanceId} is to take the address and boots`)
    : undefined;
}

function pardons({ facts, limits, now }: View): readonly PlannedCall[] {
  if (facts.ask.kind !== 'reconcile') return [];
  return facts.instances.flatMap((machine) => {
    const since = remembered(facts.history, `stable:${machine.id}`);
    const isOver =
      since !== undefined &&
      secondsSince(since, now) >= limits.quarantineSeconds &&
      isSteady(machine) &&
      machine.vip === facts.address.vip;
    return machine.quarantinedAt !== null && isOver
      ? [untagging(machine.id, QUARANTINED, machine.quarantinedAt, `${machine.id} has been steady since ${since}`)]
      : [];
  });
}

/** The judgement stands; hooks are answered, an interrupted move is written down, quarantines end. */
function keepHouse(view: View, main: Exclude<Decision, Act>): Decision {
  const { facts, health, limits, now } = view;
  const pending = pendingOf(facts.history);
  const echo = pending?.note['keptAt'];
  // Answers show late in what Auto Scaling says: within one run they are given once.
  if (main.needsHistory === true || (typeof echo === 'string' && secondsSince(echo, now) < limits.echoSeconds))
    return main;
  const left = unfinished(view);
  const answers = facts.hooks.flatMap(
    (hook) => answerTo(view, hook, health.verdict === 'good' || health.verdict === 'foreign') ?? [],
  );
  const pardoned = pardons(view);
  const plan = [...left, ...answers, ...pardoned];
  const isStale =
    pending !== undefined &&
    main.kind !== 'wait' &&
    facts.ask.kind === 'reconcile' &&
    secondsSince(pending.at, now) > limits.echoSeconds;
  if (plan.length === 0 && !isStale) return main;
  const { code, because, evidence } = main;
  const act = {
    kind: 'act' as const,
    code,
    because,
    evidence,
    plan,
    intent: pending?.intent ?? `house of ${facts.address.allocationId}`,
    note: { ...pending?.note, keptAt: now },
    budget: 'free' as const,
  };
  return {
    ...act,
    ...(main.attention === true ? { attention: true } : {}),
    ...((main.kind === 'wait' && facts.history !== 'lost') || pardoned.length > 0 ? { more: true } : {}),
  };
}

/** What to remember about the instances. Only a reconcile starts and ends the slow clocks; the clock of a doubt starts when it is seen. */
function memories({ facts, holder, health, standbys, limits, now }: View): { readonly [key: string]: string | null } {
  const { ask, address, instances, history } = facts;
  if (typeof history !== 'object') return {};
  const doubt = { key: `suspect:${holder?.id ?? ''}`, holds: 'doubtSince' in health };
  if (ask.kind !== 'reconcile') return changesOf(history.memory, [doubt], now, () => false);
  const renewSeconds = limits.baselineSeconds;
  const conditions = instances.flatMap((machine) => {
    const isClocked = machine.quarantinedAt !== null || (address.failbackMinutes !== null && machine.id !== holder?.id);
    const steady = { key: `stable:${machine.id}`, holds: isClocked && isSteady(machine) };
    const served = {
      key: `probe:${machine.id}`,
      holds: machine.id === holder?.id && address.probe === 'ok',
      renewSeconds,
    };
    const ready = {
      key: `ready:${machine.id}`,
      holds: standbys.some((standby) => standby.machine === machine) && machine.probe === 'ok',
      renewSeconds,
    };
    return [steady, served, ready];
  });
  return changesOf(history.memory, [doubt, ...conditions], now, (key) => /^(?:suspect|stable|probe|ready):/u.test(key));
}

function judge(view: View): Decision {
  const { facts } = view;
  const { ask, address, setback } = facts;
  if (address.problems.length > 0) return refuse(view.evidence, 'bad-settings', address.problems.join('; '));
  if (setback !== undefined) return goBack(view, setback.plan);
  if (ask.kind === 'event' && !ask.raised)
    return nothing(view.evidence, 'alarm-not-raised', `${ask.alarmNames.join(', ')} did not go to ALARM`);
  return ask.kind === 'move' || ask.kind === 'fail-back' ? byHand(view, ask) : uphold(view);
}

/** Says who should hold the address, and what is to be done for it. Pure; `now` is ISO 8601. */
export function decide(facts: Facts, limits: ElasticIpLimits, now: string): Decision {
  const view = survey(facts, limits, now);
  const main = judge(view);
  const decision = main.kind === 'act' || facts.setback !== undefined ? main : keepHouse(view, main);
  const remember = memories(view);
  const metrics = facts.ask.kind === 'reconcile' ? { metrics: { StandbyReady: view.good.length > 0 ? 1 : 0 } } : {};
  return { ...decision, ...metrics, ...(Object.keys(remember).length > 0 ? { remember } : {}) };
}
