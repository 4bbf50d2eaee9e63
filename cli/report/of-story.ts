/** The page of a run that `show` has read. Pure. */

import { inStack, nextLine } from '../operate/command-line.ts';
import { callerText } from '../operate/header.ts';
import type { Place } from '../operate/place.ts';
import { withoutHiddenLines } from '../operate/show/hidden-lines.ts';
import { logLink, targetLink } from '../operate/show/links.ts';
import { detailMoments, inOrder, otherMoments, recordMoments, type Moment } from '../operate/show/moments.ts';
import type { Story } from '../operate/show/story.ts';
import { takenBackIn } from '../operate/show/taken-back.ts';
import { triggerMoments } from '../operate/show/trigger.ts';
import { wakeText } from '../operate/show/wake.ts';
import { whatNow } from '../operate/show/what-now.ts';
import { bareCalls } from '../operate/take-back.ts';
import { wholeMoment } from '../operate/times.ts';
import type { Receipt, Report, SentRequest } from './report.ts';
import { reportedRun, sentRequest } from './reported-run.ts';
import { targetsText } from './run-blocks.ts';
import { verdictOf } from './verdict.ts';

/** How a page is made of a story. */
export interface StoryPage {
  readonly place: Place;
  readonly receipt: Receipt;
  /** Bodies of messages and user data are shown. */
  readonly isShown: boolean;
}

const WORD_OF: { readonly [what: string]: string } = { approve: 'approved', reject: 'rejected' };

/** Who said yes, as far as it is on record. */
function approvalText({ operations, found, records }: Story): string {
  const said = operations.flatMap(({ what, more, by, at, reason }) => {
    const word = WORD_OF[what];
    if (word === undefined || !Object.values(more).includes(found.run)) return [];
    return [`${word} by ${by}, ${wholeMoment(at)}${reason === '' ? '' : `: ${reason}`}`];
  });
  if (said.length > 0) return `${said.join('; ')}.`;
  if (records.some(({ outcome }) => outcome === 'awaiting-approval')) return 'Asked for; nobody has answered yet.';
  const refused = records.find(({ reason }) => reason.startsWith('not-approved'));
  if (refused !== undefined) return `Asked for: ${refused.reason}.`;
  return found.stack.parameters.approval === 'always'
    ? 'Asked for by the stack; who answered is not on record.'
    : 'None is on record: the stack asks for none, unless a decision does.';
}

function linksOf({ found }: Story, { kind, region }: Place): readonly string[] {
  if (kind === 'world') return [];
  const functionName = found.stack.runbooks.find(({ name }) => name === found.runbook)?.functionName;
  return [
    ...found.targets.map((target) => targetLink(target, region)),
    ...(functionName === undefined ? [] : [logLink(functionName, region)]),
  ].filter((href) => href !== undefined);
}

/** Where it was, and which run it is. */
function whereOf({ found }: Story, place: Place, started: string): Report['where'] {
  const { account, alias, region, kind, file, caller } = place;
  return [
    ['Runbook', found.runbook],
    ['Run', found.run],
    ...(started === '' ? [] : [['Started', started] as const]),
    [
      kind === 'world' ? 'World' : 'Account',
      kind === 'world'
        ? `${file ?? '?'}, ${account} ${region}`
        : `${account}${alias === null ? '' : ` (${alias})`} ${region}`,
    ],
    ...(kind === 'world' ? [] : [['Stack', found.stack.prefix] as const]),
    ['Written for', callerText(caller)],
  ];
}

function callsOf({ details }: Story, isShown: boolean): readonly SentRequest[] {
  const kept = details.ok ? (details.value ?? []) : [];
  return kept.map(({ at, name, input = {}, error }) => sentRequest({ at, call: name, input, error }, isShown));
}

function momentsOf(story: Story, isShown: boolean): readonly Moment[] {
  const { records, others, operations, found, shorts, details } = story;
  const failed = (details.ok ? (details.value ?? []) : []).filter(({ error }) => error !== undefined);
  return inOrder([
    ...triggerMoments(records, operations, found.run),
    ...detailMoments(failed, isShown),
    ...records.flatMap((record) => recordMoments(record, isShown)),
    ...otherMoments(others, shorts),
  ]);
}

/** The page's content. */
export function storyReport(whole: Story, { place, receipt, isShown }: StoryPage): Report {
  const story = isShown ? whole : withoutHiddenLines(whole);
  const { found, records, undo, standing, shorts, states } = story;
  const now = place.now();
  const runs = records.map((record) =>
    reportedRun(record, {
      undo: undo.find(({ target }) => target === record.target),
      now: whatNow(place, story, record),
      takenBack: takenBackIn(record, story),
      isShown,
    }),
  );
  const moments = momentsOf(story, isShown);
  const next = wakeText(story, now);
  const isHeld = states.some(({ until = '' }) => Date.parse(until) > Date.parse(now));
  const line = nextLine(inStack(place, found.stack.prefix), 'show', shorts.get(found.run) ?? found.run);
  const error = standing?.kind === 'ended' ? standing.error : undefined;
  const told = new Set(records.map(({ target }) => target));
  const names = targetsText(found.targets);
  const others = found.targets.filter((target) => target !== '' && !told.has(target));
  return {
    id: 'run',
    title: names === '' ? found.runbook : `${found.runbook}: ${names}`,
    subtitle: records.length === 0 ? 'Nothing is recorded of this run.' : `Run ${shorts.get(found.run) ?? found.run}`,
    where: whereOf(
      story,
      place,
      moments.find(({ group }) => group === 'trigger')?.text.replace(/^started /u, '') ?? '',
    ),
    now,
    verdict: verdictOf(runs, {
      isUnderWay: standing?.kind === 'running' || (standing === undefined && isHeld),
      isUnknown: story.undecided.length > 0,
      untold: others.length,
      line,
      ...(error === undefined ? {} : { error }),
    }),
    runs,
    others,
    moments,
    calls: callsOf(story, isShown),
    noCalls: 'Requests and steps of this run were not kept.',
    ...(next === undefined ? {} : { next }),
    approval: approvalText(story),
    bareCalls: bareCalls(place),
    links: linksOf(story, place),
    receipt,
    unread: story.unread,
    faults: [],
  };
}
