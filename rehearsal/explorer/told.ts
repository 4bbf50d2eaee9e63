/**
 * Every change of the account is told: by a log line, a record or an outcome event of the runbook that made it, of the target
 * whose lease it was made under, from the invocation on that made it, and with another outcome than that there was nothing to do.
 */

import { nameInArn } from '../../shared/aws/arn.ts';
import { isRecord } from '../../simulator/engine/json.ts';
import { called, type FaultPlan, type LoggedRequest } from '../../simulator/engine/run-types.ts';
import type { SimulationEnd } from '../../simulator/engine/simulation.ts';
import { isToBeTold } from './effects.ts';

const SILENT: ReadonlySet<string> = new Set(['nothing', 'not-mine']);

/** What a run told the people of a target, and when. */
export interface Telling {
  readonly atMs: number;
  readonly runbook: unknown;
  readonly target: unknown;
  readonly outcome: unknown;
}

function logged(end: SimulationEnd): readonly Telling[] {
  // Each result is also a line of the story, which has the time.
  const times = end.timeline.filter(({ kind }) => kind === 'result').map(({ at }) => Date.parse(at));
  return end.results.map(({ result: { runbook, target, outcome } }, index) => ({
    atMs: times[index] ?? 0,
    runbook,
    target,
    outcome,
  }));
}

function recorded({ ledger }: SimulationEnd): readonly Telling[] {
  return ledger.records.map(({ at, body, target, runbook }) => ({
    atMs: Date.parse(at),
    runbook,
    target,
    outcome: body['outcome'],
  }));
}

function published({ world }: SimulationEnd): readonly Telling[] {
  return (world.data['eventbridge']?.['Entries'] ?? []).flatMap((entry) => {
    const detail: unknown = typeof entry['Detail'] === 'string' ? JSON.parse(entry['Detail']) : undefined;
    if (!isRecord(detail)) return [];
    const { runbook, target, outcome } = detail;
    return [{ atMs: Date.parse(String(entry['Time'])), runbook, target, outcome }];
  });
}

/** What a run says before its first call where no ledger would keep word of it (`shared/kernel/run/apply.ts`). */
function foretold({ lines }: SimulationEnd): readonly Telling[] {
  return lines.flatMap((line) => {
    const said: unknown = JSON.parse(line);
    if (!isRecord(said) || said['message'] !== 'acts without the ledger') return [];
    return [
      { atMs: Date.parse(String(said['at'])), runbook: said['runbook'], target: said['target'], outcome: 'acting' },
    ];
  });
}

/** What the runs told the people, but for that there was nothing to do: log lines, records, outcome events. */
export function tellings(end: SimulationEnd): readonly Telling[] {
  const all = [...foretold(end), ...logged(end), ...recorded(end), ...published(end)];
  return all.filter(({ outcome }) => !SILENT.has(String(outcome)));
}

/** What a lease is on, by who holds it (`run|target`). */
type Leases = Map<string, string>;

function member(value: unknown, key: string): string | undefined {
  const found: unknown = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : undefined;
}

/** Follows the leases of a runbook through one request more. A claim is no target: nobody tells of it. */
function follow(leases: Leases, { call, input }: LoggedRequest): void {
  if (member(input, 'resource')?.startsWith('claim/') === true) return;
  if (call === 'ledger:acquire') leases.set(member(input, 'owner') ?? '', member(input, 'resource') ?? '');
  if (call === 'ledger:release') leases.delete(member(input['lease'], 'owner') ?? '');
}

/** A change of the account, and the targets it may have been made for; none: made without a lease. */
interface Change {
  readonly request: LoggedRequest;
  readonly targets: readonly string[];
}

/** Of the targets under lease those that the call names; all, where it names none. */
function targetsOf({ input }: LoggedRequest, leases: Leases): readonly string[] {
  const held = [...new Set(leases.values())];
  const text = JSON.stringify(input);
  const named = held.filter((target) => text.includes(`"${nameInArn(target)}"`));
  return named.length > 0 ? named : held;
}

function changesIn({ requests, invocations }: SimulationEnd): readonly Change[] {
  const leases = new Map<string, Leases>();
  return requests.flatMap((request) => {
    const runbook = invocations[request.invocation]?.runbook ?? '';
    const own = leases.get(runbook) ?? new Map<string, string>();
    leases.set(runbook, own);
    const isChange = request.invocation >= 0 && isToBeTold(request);
    const targets = isChange ? targetsOf(request, own) : [];
    follow(own, request);
    return isChange ? [{ request, targets }] : [];
  });
}

/** Runbooks of which an event more ended in the dead letters than without faults: an alarm tells of it. */
function alarmed(end: SimulationEnd, without: SimulationEnd): ReadonlySet<string> {
  return new Set(end.deadLetters.slice(without.deadLetters.length).map(({ runbook }) => runbook));
}

/**
 * The changes of the account that nobody told of. A run that dies leaves word in the ledger, beside its lease: without either
 * only the alarm on the function's errors tells of it.
 */
export function untoldChanges(end: SimulationEnd, without: SimulationEnd, plan: FaultPlan): string[] {
  const isUnrecorded = plan.ledgerLost || plan.leasesGrantedToAll;
  if (isUnrecorded && end.invocations.some(({ ended }) => ended === 'died')) return [];
  const told = tellings(end);
  const givenUp = alarmed(end, without);
  return changesIn(end).flatMap(({ request, targets }) => {
    const { runbook = '', startedAt = '' } = end.invocations[request.invocation] ?? {};
    const since = Date.parse(startedAt);
    const isTold = told.some(
      (one) =>
        one.runbook === runbook &&
        one.atMs >= since &&
        (targets.length === 0 || targets.some((target) => target === one.target)),
    );
    if (isTold || givenUp.has(runbook)) return [];
    const about = targets.map(nameInArn).join(' or ') || 'anything';
    return [
      `no line, record or event of ${runbook} tells of ${called(request)} (request ${request.index}) for ${about}`,
    ];
  });
}
