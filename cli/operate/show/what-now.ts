/** What a person can do about a run that was refused or has failed: the next step where the code has one, else the page that has. Pure. */

import { stopScope } from '../../../shared/kernel/ledger/operations.ts';
import { nextLine } from '../command-line.ts';
import { idOf, reasonParts } from '../../results.ts';
import type { Place } from '../place.ts';
import { switchesOf, switchStanding } from '../row-standing.ts';
import { wholeMoment } from '../times.ts';
import type { ShownRecord, Waits } from './record.ts';
import type { Story } from './story.ts';

/** A sentence, and a command to paste. */
export interface WhatNow {
  readonly text: string;
  readonly line?: string;
}

type Where = Pick<Place, 'file' | 'now' | 'asked'>;
type Matter = Pick<Story, 'switches'>;

/** The command shows the plan before it is said of exactly that plan; a world keeps no run that waits, but the question of one that cannot. */
function aboutApproval(place: Where, { run, target }: ShownRecord, { until, callbackId }: Waits): WhatNow {
  if (until <= place.now()) return { text: `its time was over at ${wholeMoment(until)}: start it again` };
  if (place.file !== null && callbackId !== undefined)
    return { text: 'where it was begun it can be answered, not in a world' };
  const text = `it waits for a person until ${wholeMoment(until)}; to see the plan, and the line that approves of it:`;
  return { text, line: nextLine(place, 'approve', target === '' ? run : `${run}/${idOf(target)}`) };
}

function aboutSwitch(place: Where, { switches }: Matter, { runbook, run, reason }: ShownRecord): WhatNow {
  const [off] = switchesOf(switches, runbook).filter((row) => switchStanding(row, place.now()) === 'stopping');
  if (off === undefined && reason.includes(`switched off for ${stopScope(run)} `))
    return { text: 'this run alone was stopped: a schedule looks again, and finishes what it has left' };
  if (off === undefined)
    return { text: 'nothing is switched off any more: a schedule looks again, or start it by hand' };
  const scope = off.scope === 'all' ? [] : [off.scope];
  return { text: 'it is still switched off; to let it act again:', line: nextLine(place, 'switch', 'on', ...scope) };
}

/** `allowed again at 2026-11-22T08:05:00.000Z`, in the reason. */
function aboutBudget(place: Where, reason: string): WhatNow {
  const [, at] = /\ballowed again at (\S+Z)/u.exec(reason) ?? [];
  if (at === undefined) return { text: 'the next run goes on when the limit allows it' };
  return Date.parse(at) <= Date.parse(place.now())
    ? { text: `it is allowed again since ${wholeMoment(at)}: a schedule looks again, or start it by hand` }
    : { text: `it is allowed again at ${wholeMoment(at)}` };
}

const FOR_ALL: { readonly [code: string]: string } = {
  leased: 'another run has it in hand: see what comes of that one',
  stale: 'the event is too old to act on: a schedule looks at the present state, or start it by hand',
  'from-the-future': 'the time of the event cannot be right: start it by hand',
  'not-approved': 'nobody has said yes: start it again, and answer the question',
  drifted: 'another plan was approved than the one it would carry out: start it again',
};

/** `undefined`: it was neither refused nor has it failed, nor waits for anybody. */
export function whatNow(place: Where, story: Matter, record: ShownRecord): WhatNow | undefined {
  const { outcome, reason, runbook, approval } = record;
  if (approval !== undefined) return aboutApproval(place, record, approval);
  if (outcome !== 'refused' && outcome !== 'failed') return undefined;
  const [code] = reasonParts(reason);
  if (code === 'kill-switch') return aboutSwitch(place, story, record);
  if (code === 'cooldown' || code === 'window') return aboutBudget(place, reason);
  const known = FOR_ALL[code];
  if (known !== undefined) return { text: known };
  const heading = outcome === 'refused' ? 'Refuses when' : 'Alarms, and what to do';
  return { text: `what ${code} means, and what to do: functions/${runbook}/README.md, "${heading}"` };
}
