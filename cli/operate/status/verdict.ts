/** Is it over, must somebody act, and what to type next. Pure. */

import { idOf } from '../../results.ts';
import { inStack, nextLine, type LinePlace } from '../command-line.ts';
import type { Place } from '../place.ts';
import { shortIds } from '../short-ids.ts';
import type { Approval, Dead, StackStatus, Trouble, Work } from './stack-status.ts';

/** What the status of a place comes to. JSON. */
export interface Verdict {
  /** Nothing is wrong, and nobody is at work. `false` also where it cannot be known. */
  readonly over: boolean;
  /** A person has to do something, or to find out what cannot be read. */
  readonly act: boolean;
  readonly text: string;
  /** The command to type next; `null`: none. */
  readonly next: string | null;
}

/** Something that needs a person. */
interface Need {
  readonly kind: 'target' | 'alarm' | 'schedule' | 'reading';
  /** What names it, so that it is counted once. */
  readonly id: string;
  readonly text: string;
  readonly next: string | null;
}

type Shorts = ReadonlyMap<string, string>;

function showOf(place: LinePlace, shorts: Shorts, run: string | null, target: string): string {
  if (run === null) return nextLine(place, 'runs', '--target', target);
  return nextLine(place, 'show', shorts.get(run) ?? run);
}

function approvalNeeds(place: LinePlace, shorts: Shorts, approvals: readonly Approval[]): readonly Need[] {
  return approvals.map(({ runbook, run, target, isOver }) => ({
    kind: 'target',
    id: target,
    text: `${idOf(target)} (${runbook} waits for approval)`,
    next:
      place.file === null || isOver
        ? nextLine(place, 'approve', `${shorts.get(run) ?? run}/${idOf(target)}`)
        : showOf(place, shorts, run, target),
  }));
}

function troubleNeeds(place: LinePlace, shorts: Shorts, troubles: readonly Trouble[]): readonly Need[] {
  return troubles.map(({ runbook, run, target, outcome, code }) => ({
    kind: 'target',
    id: target,
    text: `${idOf(target)} (${runbook} ${outcome}: ${code})`,
    next: showOf(place, shorts, run, target),
  }));
}

function deadNeeds(place: LinePlace, dead: readonly Dead[]): readonly Need[] {
  return dead
    .filter(({ isTakenUp }) => !isTakenUp)
    .map(({ runbook, target }) => ({
      kind: 'target',
      id: target,
      text: `${idOf(target)} (a run of ${runbook} died on it)`,
      next: nextLine(place, 'run', runbook, '--target', target, '--dry-run'),
    }));
}

function restOf(
  place: LinePlace,
  shorts: Shorts,
  { alarms, heartbeats, planned, unread }: StackStatus,
): readonly Need[] {
  const again = nextLine(place, 'status');
  const last = nextLine(place, 'runs', '--since', '24h');
  return [
    ...(alarms ?? [])
      .filter(({ isForTheMorning }) => !isForTheMorning)
      .map(({ name }): Need => ({ kind: 'alarm', id: name, text: `${name} rings`, next: last })),
    ...(heartbeats ?? [])
      .filter(({ isLate }) => isLate)
      .map(({ runbook }): Need => {
        const next = nextLine(place, 'run', runbook, '--dry-run');
        return { kind: 'schedule', id: runbook, text: `the schedule of ${runbook} does not tick`, next };
      }),
    ...unread.map(({ what }): Need => ({ kind: 'reading', id: what, text: `${what} cannot be read`, next: again })),
    ...planned.map(({ runbook, run, target }): Need => {
      const next = showOf(place, shorts, run, target);
      return { kind: 'target', id: target, text: `${idOf(target)} (${runbook} has only planned)`, next };
    }),
  ];
}

/** What is waited for first stands first: a question ends by itself, a failure is worse than a refusal. */
function needsOf(place: LinePlace, shorts: Shorts, stacks: readonly StackStatus[]): readonly Need[] {
  const each = (needs: (stack: StackStatus, home: LinePlace) => readonly Need[]): readonly Need[] =>
    stacks.flatMap((stack) => needs(stack, inStack({ ...place, stacks }, stack.stack)));
  const open = ({ troubles }: StackStatus, isFailed: boolean): readonly Trouble[] =>
    troubles.filter(({ isAtWork, isOver, outcome }) => !isAtWork && !isOver && (outcome === 'failed') === isFailed);
  return [
    ...each(({ approvals }, home) => approvalNeeds(home, shorts, approvals)),
    ...each((stack, home) => troubleNeeds(home, shorts, open(stack, true))),
    ...each((stack, home) => troubleNeeds(home, shorts, open(stack, false))),
    ...each(({ dead }, home) => deadNeeds(home, dead)),
    ...each((stack, home) => restOf(home, shorts, stack)),
  ];
}

function counted(count: number, one: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`];
}

function needText(needs: readonly Need[]): string {
  const count = (kind: Need['kind']): number =>
    new Set(needs.filter((need) => need.kind === kind).map(({ id }) => id)).size;
  const parts = [
    ...counted(count('target'), 'target'),
    ...counted(count('alarm'), 'alarm'),
    ...counted(count('schedule'), 'schedule'),
    ...counted(count('reading'), 'reading'),
  ];
  const total = count('target') + count('alarm') + count('schedule') + count('reading');
  const [first] = needs;
  const verb = total === 1 ? 'needs' : 'need';
  return `${parts.join(', ')} ${verb} you: ${first?.text ?? ''}${total > 1 ? ' first' : ''}`;
}

/** What is known beside, and may be why nothing moves. */
function besides(stacks: readonly StackStatus[]): string {
  const on = stacks.flatMap(({ switches }) => switches).filter(({ stops }) => stops === 'now');
  const scopes = [...new Set(on.map(({ scope }) => scope))];
  const isPlan = stacks.some(({ modes }) => modes.some(({ mode }) => mode === 'plan'));
  const morning = stacks.flatMap(({ alarms }) => alarms ?? []).filter(({ isForTheMorning }) => isForTheMorning);
  return [
    ...(scopes.length === 0 ? [] : [`; switched off: ${scopes.join(', ')}`]),
    ...(isPlan ? ['; mode is plan: nothing is acted on'] : []),
    ...(morning.length === 0 ? [] : [`; for the morning: ${morning.map(({ name }) => name).join(', ')}`]),
  ].join('');
}

/** Every run that the status names, by a short name. */
export function shortsIn(stacks: readonly StackStatus[]): Shorts {
  const runs = stacks.flatMap(({ troubles, atWork, dead, approvals, planned, done }) =>
    [...troubles, ...atWork, ...dead, ...approvals, ...planned, ...done].flatMap(({ run }) => run ?? []),
  );
  return shortIds(runs);
}

/** What it comes to. */
export function verdictOf(
  place: LinePlace & Pick<Place, 'account' | 'region'>,
  stacks: readonly StackStatus[],
): Verdict {
  if (stacks.length === 0) {
    const text = `no stack of runbooks is found in ${place.account} ${place.region}`;
    return { over: false, act: true, text, next: null };
  }
  const shorts = shortsIn(stacks);
  const needs = needsOf(place, shorts, stacks);
  const [first] = needs;
  if (first !== undefined) return { over: false, act: true, text: needText(needs) + besides(stacks), next: first.next };
  const each = (of: (stack: StackStatus) => readonly (Work | Trouble)[]) =>
    stacks.flatMap((stack) => of(stack).map((one) => ({ ...one, stack: stack.stack })));
  const working = [
    ...each(({ atWork }) => atWork),
    ...each(({ troubles }) => troubles.filter(({ isOver }) => !isOver)),
    ...each(({ dead }) => dead),
  ];
  const [at] = working;
  if (at === undefined) return { over: true, act: false, text: `nothing needs you${besides(stacks)}`, next: null };
  const home = inStack({ ...place, stacks }, at.stack);
  const targets = new Set(working.map(({ target }) => target)).size;
  const more = targets === 1 ? '' : ` and ${targets - 1} more`;
  return {
    over: false,
    act: false,
    text: `nothing needs you yet: ${idOf(at.target)}${more} is being worked on by ${at.runbook}${besides(stacks)}`,
    next:
      at.run === null
        ? nextLine(home, 'runs', '--target', at.target)
        : nextLine(home, 'show', shorts.get(at.run) ?? at.run, '-f'),
  };
}
