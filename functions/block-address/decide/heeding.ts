/** Blocks whom a security finding names. */

import { specialUse } from '../../../shared/judgement/addresses/special-use.ts';
import { secondsSince } from '../../../shared/judgement/since.ts';
import type { Act, Decision, Evidence, Nothing, Refuse } from '../../../shared/kernel/decision.ts';
import type { Finding } from '../../../shared/kernel/triggers/findings/finding.ts';
import type { BlockLimits, Facts, FindingAsk } from './facts.ts';
import { judgeFinding, type FindingVerdict } from './judging.ts';
import { aboutAnswers, answersTo, answerWith, type Answered, type Offence } from './offence.ts';
import { canonical, incidentOf } from './wish.ts';

/** Decides on one finding: a write for each address that is to be blocked. */
export function heed(facts: Facts, ask: FindingAsk, limits: BlockLimits, now: string): Decision {
  const { finding } = ask;
  if ('problem' in finding) {
    const { problem, where } = finding;
    const because = `a finding among others cannot be read: ${problem}`;
    return { kind: 'refuse', code: 'unreadable-finding', because, evidence: { where }, attention: true };
  }
  const verdict = judgeFinding(finding, { minSeverity: limits.minSeverity, canonical, special: specialUse });
  if (verdict.kind === 'not') return leftAlone(finding, verdict);
  const offence: Offence = {
    called: 'finding',
    incident: incidentOf(finding),
    mark: markOf(finding, ask, facts.asker.delivery),
    why: finding.type,
    because: verdict.because,
    addresses: verdict.remotes.map(({ address }) => address),
    comesBack: false,
  };
  const answers = answersTo(offence, facts, limits, now);
  const decision = answerWith(answers, offence, limits, now, aboutFinding(finding, verdict, answers));
  return decision.kind === 'act' ? { ...decision, metrics: delaysOf(finding, facts, now) } : decision;
}

/** How long the finding took to be told of, and its telling to be heeded: each its own, for another has to be asked about each. */
function delaysOf({ updatedAt }: Finding, { asker: { sentAt } }: Facts, now: string): NonNullable<Act['metrics']> {
  if (sentAt === null) return {};
  const told = updatedAt === null ? {} : { SecondsFindingToEvent: secondsSince(updatedAt, sentAt) };
  return { ...told, SecondsEventToLedger: secondsSince(sentAt, now) };
}

/** What settles itself is no refusal; what is left to a person is. */
function leftAlone(finding: Finding, verdict: Extract<FindingVerdict, { readonly kind: 'not' }>): Nothing | Refuse {
  const { code, because, attention } = verdict;
  const said = { code, because: `${finding.type}: ${because}`, evidence: aboutFinding(finding, verdict) };
  return attention ? { kind: 'refuse', ...said, attention: true } : { kind: 'nothing', ...said };
}

/** Tells one telling of a finding from the next: it comes again, later, while it goes on. Whoever chooses it tells of it anew. */
function markOf({ id, updatedAt }: Finding, { chosenAt }: FindingAsk, delivery: string): string {
  const toldAt = chosenAt ?? updatedAt;
  return toldAt === null ? delivery : `${toldAt} ${id}`;
}

function aboutFinding(finding: Finding, verdict: FindingVerdict, answers: readonly Answered[] = []): Evidence {
  const { id, type, severity, resource } = finding;
  return { finding: id, type, severity, resource, ...aboutAnswers(answers, verdict.passedOver) };
}
