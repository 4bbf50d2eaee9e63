/** Whether a stack acts, as whom it was deployed, and whether its schedules tick. Pure. */

import { stoppedRun } from '../../../shared/kernel/ledger/operations.ts';
import { heldSpan } from '../../../shared/kernel/ledger/rules.ts';
import { modeStanding, modesOf, switchStanding } from '../../operate/row-standing.ts';
import { readOr } from '../../operate/reading.ts';
import { wholeMoment } from '../../operate/times.ts';
import { finder, type Finding } from '../finding.ts';
import type { Lines } from '../lines.ts';
import type { StackFacts } from '../stack-facts.ts';

const version = finder('version', null);
const mode = finder('mode', null);
const switches = finder('switch', null);
const ticks = finder('schedules', null);

const DEPLOY = 'npx serverless deploy --stage STAGE';

function ofVersion({ stack, ownVersion }: StackFacts): Finding {
  const about = stack.prefix;
  if (stack.version === null)
    return version({ level: 'warning', about, text: 'does not say what it was deployed from', fix: DEPLOY });
  if (stack.version === ownVersion) return version({ level: 'ok', about, text: `is this version, ${ownVersion}` });
  return version({
    level: 'warning',
    about,
    text: `was deployed from ${stack.version}, and this is ${ownVersion}: what is played here is not what runs there`,
    fix: DEPLOY,
  });
}

/** Where the ledger does not answer, the parameter of the deployment holds: it should say the same. */
function ofMode({ stack, modes }: StackFacts, lines: Lines): readonly Finding[] {
  const about = stack.prefix;
  if (!modes.ok) return [mode({ level: 'unread', about, text: `the ledger does not say: ${modes.why}` })];
  const { mode: parameter } = stack.parameters;
  return modesOf(stack, modes.value).map(({ scope, mode: holds, from }) => {
    const whose = scope === 'all' ? about : `${about} ${scope}`;
    if (stack.parameters.dryRun === true)
      return mode({ level: 'warning', about: whose, text: 'only plans: it was deployed with dryRun', fix: DEPLOY });
    if (holds === null)
      return mode({
        level: 'warning',
        about: whose,
        text: 'nobody has said whether it acts: it plans until then',
        fix: lines.runbook('mode', 'apply', '--reason', 'WHY'),
      });
    if (holds === 'plan')
      return mode({
        level: 'warning',
        about: whose,
        text: `only plans (${from})`,
        fix: lines.runbook('mode', 'apply', ...(scope === 'all' ? [] : [scope]), '--reason', 'WHY'),
      });
    if (parameter === 'apply')
      return mode({ level: 'ok', about: whose, text: 'acts, also where the ledger does not answer' });
    return mode({
      level: 'warning',
      about: whose,
      text: `acts (${from}), but not where the ledger does not answer: it was deployed ${parameter === undefined ? 'without a mode' : `with mode ${parameter}`}`,
      fix: `${DEPLOY} --param mode=apply`,
    });
  });
}

function ofSwitches({ stack, switches: rows, now }: StackFacts, lines: Lines): readonly Finding[] {
  if (!rows.ok) return [switches({ level: 'unread', about: stack.prefix, text: `not known: ${rows.why}` })];
  return (
    rows.value
      // One run that a person has stopped keeps no other from acting.
      .filter((row) => stoppedRun(row) === undefined && switchStanding(row, now) === 'stopping')
      .map((row) => {
        const endsMs = heldSpan(row)?.endsMs ?? Number.POSITIVE_INFINITY;
        const until = Number.isFinite(endsMs)
          ? `until ${wholeMoment(new Date(endsMs).toISOString())}`
          : 'without an end';
        return switches({
          level: 'warning',
          about: `${stack.prefix} ${row.scope}`,
          text: `is off ${until} (${row.by}: ${row.reason})`,
          fix: lines.runbook('switch', 'on', ...(row.scope === 'all' ? [] : [row.scope])),
        });
      })
  );
}

/** A metric comes a minute or two late, and one tick may be throttled. */
const MISSED_TICKS = 3;

function ofTicks({ stack, heartbeats, schedules, now }: StackFacts): readonly Finding[] {
  const beats = readOr(heartbeats, null);
  if (beats === null)
    return heartbeats.ok ? [] : [ticks({ level: 'unread', about: stack.prefix, text: `not known: ${heartbeats.why}` })];
  const late = stack.runbooks.flatMap(({ name, functionName }): Finding[] => {
    const every = schedules.get(name);
    const at = beats.get(name);
    // CloudWatch is asked for three hours: what ticks more seldom has an alarm of its own.
    if (every === undefined || every.everyMs > 3_600_000) return [];
    const sinceMs = Date.parse(now) - Date.parse(at ?? '');
    if (sinceMs <= every.everyMs * MISSED_TICKS) return [];
    return [
      ticks({
        level: 'broken',
        about: `${stack.prefix} ${name}`,
        text: at === undefined ? 'has not ticked for three hours' : `ticked last at ${wholeMoment(at)}`,
        fix: `aws logs tail /aws/lambda/${functionName} --since 1h`,
      }),
    ];
  });
  const well = ticks({ level: 'ok', about: stack.prefix, text: 'every schedule ticks' });
  return late.length === 0 ? [well] : late;
}

/** How a stack is set. */
export function controlsOf(facts: StackFacts, lines: Lines): readonly Finding[] {
  return [ofVersion(facts), ...ofMode(facts, lines), ...ofSwitches(facts, lines), ...ofTicks(facts)];
}

/** Two stacks in one account and Region look after the same tags, and know nothing of each other's leases. */
export function besideEachOther(all: readonly StackFacts[]): readonly Finding[] {
  if (all.length < 2) return [];
  const acting = all.filter(({ stack, modes }) => modeStanding(stack, readOr(modes, []), 'all').mode !== 'plan');
  const names = all.map(({ stack }) => stack.prefix).join(', ');
  const [, second = all[1]] = acting;
  return [
    finder(
      'stacks',
      null,
    )({
      level: acting.length > 1 ? 'broken' : 'warning',
      about: names,
      text:
        acting.length > 1
          ? `${acting.length} stacks act here on whatever carries the tags, and neither knows of the other's leases and limits`
          : 'several stacks are deployed here, and one of them acts: the others only plan on the same tags',
      fix: `npx runbook mode plan --stack ${second?.stack.prefix ?? 'PREFIX'} --reason WHY`,
    }),
  ];
}
