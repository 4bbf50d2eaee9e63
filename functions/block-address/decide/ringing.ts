/** Blocks whom a rate-based rule holds while its alarm rings. */

import type { Decision } from '../../../shared/kernel/decision.ts';
import type { AlarmAsk, BlockLimits, Facts } from './facts.ts';
import { aboutAnswers, answersTo, answerWith, type Offence } from './offence.ts';
import { incidentOfAlarm } from './wish.ts';

/** Decides on one ringing of an alarm: a write for each address that its rule holds and that is to be blocked. */
export function heedAlarm(facts: Facts, ask: AlarmAsk, limits: BlockLimits, now: string): Decision {
  const { alarm, at } = ask;
  const held = facts.held ?? { addresses: [] };
  const incident = incidentOfAlarm(ask);
  const own = writtenBefore(facts, incident);
  if ('refused' in held && own.length === 0) {
    const because = `alarm ${alarm}: ${held.because}`;
    return { kind: 'refuse', code: held.refused, because, evidence: { alarm }, attention: true };
  }
  const holds = 'refused' in held ? [] : held.addresses;
  // Those that this run has written come first: it never takes more than the limit, whatever the rule holds by the next pass.
  const all = [...new Set([...own, ...holds.map(({ address }) => address)])];
  if (all.length === 0) {
    const because = `alarm ${alarm}: its rule holds nobody any more`;
    return { kind: 'nothing', code: 'nobody-held', because, evidence: { alarm } };
  }
  const { rule = 'its rule', webAcl = null } = holds[0] ?? {};
  const offence: Offence = {
    called: 'alarm',
    incident,
    mark: at ?? facts.asker.delivery,
    why: `held by the rate-based rule ${rule}`,
    because: `alarm ${alarm} rings, and ${rule} holds ${holds.length}`,
    addresses: all.slice(0, limits.maxHeld),
    comesBack: true,
  };
  const answers = answersTo(offence, facts, limits, now);
  const above = all.length - offence.addresses.length;
  const evidence = { alarm, rule, webAcl, held: holds.length, ...(above === 0 ? {} : { notTaken: above }) };
  const decision = answerWith(answers, offence, limits, now, { ...evidence, ...aboutAnswers(answers) });
  return above === 0
    ? decision
    : { ...decision, because: `${decision.because}; ${notTaken(above, limits)}`, attention: true };
}

/** What this very run has written for the alarm before it looked once more, or died. */
function writtenBefore({ rows, asker }: Facts, incident: string): readonly string[] {
  const isOwn = (reason: { readonly incident: string; readonly run: string }): boolean =>
    reason.incident === incident && reason.run === asker.run;
  return rows.filter(({ reasons }) => reasons.some(isOwn)).map(({ cidr }) => cidr);
}

function notTaken(above: number, { maxHeld }: BlockLimits): string {
  return `${above} more are held by the rule alone: of one alarm ${maxHeld} are taken at most`;
}
