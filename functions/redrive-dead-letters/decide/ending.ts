/** How a redrive ends, and what is told of it. Pure. */

import type { Act, Decision, JsonObject, Nothing, Refuse } from '../../../shared/kernel/decision.ts';
import { nothing, refuse } from '../../../shared/judgement/decisions.ts';
import { askedNow, isTakenOver, noteOf } from './asking.ts';
import { toldOfEngine } from './engine.ts';
import { heldOff, NOT_HELD_OFF } from './holding-off.ts';
import { isFunction } from './facts.ts';
import { accountOf, leftIn, placeIn, staysIn, unwantedIn } from './progress.ts';
import { toldOfReadiness } from './readiness.ts';
import type { Setting } from './scene.ts';
import { aboutBack, goneMeanwhile, unseenIn } from './trial.ts';

/** For a person: no tick goes on with it. */
export function giveUp(scene: Setting, code: string, because: string): Refuse {
  return { ...refuse(evidenceOf(scene), code, because), over: true, remember: kept(scene, code) };
}

/** Ends that somebody wanted. */
const BY_SOMEBODY: ReadonlySet<string> = new Set(['cancelled', 'task-cancelled']);

/** What the next run has to know of this one, where something stays. */
export function kept(scene: Setting, code: string): { readonly [key: string]: string | null } {
  const { facts, queue, ask, now, progress } = scene;
  const isOfUse = progress.sent + progress.parked > 0;
  // Nobody but a person begins with the others.
  const asked = askedNow(scene, BY_SOMEBODY.has(code));
  if (facts.settings.redrive !== 'auto') return asked;
  return { ...asked, ...heldOff({ history: facts.history, queue, ask, now, code, isOfUse }) };
}

/** What a run before this one has announced is told of, and settled with that. */
export function settled({ evidence, code, because }: Pick<Refuse, 'evidence' | 'code' | 'because'>): Nothing {
  return { ...nothing(evidence, code, because), attention: true };
}

/** All has been looked at: told with what became of it. */
export function end(scene: Setting): Decision {
  const { facts, ask, progress, queue } = scene;
  const { name } = queue;
  const { sent, parked } = progress;
  const undeleted = leftIn(progress, ['sent', 'parked']).length;
  if (undeleted > 0)
    return giveUp(
      scene,
      'not-deleted',
      `${undeleted} letters of ${name} have arrived, and cannot be deleted here: a redrive sends them again`,
    );
  const staying = leftIn(progress, ['kept', 'doubt', 'back']).length + staysIn(progress);
  const unwanted = unwantedIn(progress);
  if (unwanted > 0 && unwanted === progress.received)
    return giveUp(scene, 'none-wanted', `none of the ${unwanted} letters of ${name} is one that was asked for`);
  if (sent + parked === 0 && staying > 0)
    return giveUp(
      scene,
      'none-went-back',
      `none of the letters that were looked at could go back; ${staying} of ${name} stay`,
    );
  const others = ask.maxMessages === null ? unseenIn(scene) : 0;
  const ended: Act = {
    kind: 'act',
    code: 'redriven',
    because: sentenceOn(scene, staying, others),
    evidence: evidenceOf(scene),
    intent: `redrive ${facts.target}`,
    note: noteOf(scene),
    plan: [],
    budget: 'counted',
    remember: staying === 0 ? { ...askedNow(scene), ...NOT_HELD_OFF } : kept(scene, 'redriven'),
  };
  const back = ask.maxMessages === null ? 0 : aboutBack(scene.trial);
  const lost = facts.work?.lost ?? 0;
  const gone = goneIn(scene);
  const unseen = blindIn(scene).length;
  const doubts = unseen + staying - unwanted + parked + others + back + gone + progress.perhapsTwice + lost;
  return doubts > 0 || isTakenOver(ask) ? { ...ended, attention: true } : ended;
}

function sentenceOn({ progress, queue }: Setting, staying: number, others: number): string {
  const { sent, parked, bySqs } = progress;
  return [
    `letters of ${queue.name} that went back to where they failed: ${sent}`,
    ...(bySqs?.ended ? [`that SQS has moved: about ${bySqs.moved}`] : []),
    ...(parked === 0 ? [] : [`that are parked: ${parked}`]),
    ...(staying === 0 ? [] : [`that stay: ${staying}`]),
    ...(others === 0
      ? []
      : [`that ${queue.isFifo ? 'stand behind these, or ' : ''}somebody else has in hand: ${others}`]),
  ].join('; ');
}

/** Functions that were given events, and whose failures do not come back here: whether they have handled them nobody sees. */
function blindIn({ facts, progress }: Setting): readonly string[] {
  const told = facts.senders?.origins.flatMap((origin) => ('function' in origin ? [origin.function] : [])) ?? [];
  return facts.sources
    .filter((source) => isFunction(source) && placeIn(progress, source.arn).sent > 0 && !told.includes(source.arn))
    .map(({ name }) => name);
}

/** What a piece that broke off has moved is not known, nor what SQS has moved, and would be taken for it. */
function goneIn({ facts, trial, progress }: Setting): number {
  return (facts.work?.lost ?? 0) > 0 || progress.bySqs !== null ? 0 : goneMeanwhile(trial);
}

export function evidenceOf(scene: Setting): JsonObject {
  const { facts, ask, progress, now, trial, queue } = scene;
  const { name, messages } = queue;
  const lost = facts.work?.lost ?? 0;
  // Where so many were asked for what came back of them is not received, and only counted.
  const about = ask.maxMessages === null ? 0 : aboutBack(trial);
  const gone = goneIn(scene);
  return {
    queue: name,
    askedBy: ask.by,
    inTheQueue: messages,
    to: facts.sources.map((source) => source.name),
    ...toldOfEngine(scene),
    ...toldOfReadiness(facts),
    ...(isTakenOver(ask) ? { begunBefore: ask.at } : {}),
    ...(facts.work === undefined ? {} : accountOf(progress, now)),
    ...(blindIn(scene).length === 0 ? {} : { failsElsewhere: blindIn(scene) }),
    ...(about === 0 ? {} : { aboutBack: about }),
    ...(progress.isDrained && gone > 0 ? { goneMeanwhile: gone } : {}),
    ...(lost === 0 ? {} : { piecesWithoutAnswer: lost }),
  };
}
