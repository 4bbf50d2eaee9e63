/** The dashboard: what stands on it is what there is. */

import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { PREFIX_MAX_LENGTH } from '../../build/deploy-parameters.ts';
import { dashboard, SHOWN_COUNTERS } from '../../deploy/standard/dashboard.ts';
import { runbookNames, standardDashboard } from '../../deploy/standard/standard.ts';
import { DEFAULTS, PACKAGING_TIMEOUT_MS, packagedTemplate } from '../house/packaged-template.ts';

const widgetSchema = z.object({
  type: z.enum(['text', 'alarm', 'metric']),
  x: z.int(),
  y: z.int(),
  width: z.int(),
  height: z.int(),
  properties: z.looseObject({ title: z.string().optional(), alarms: z.array(z.string()).optional() }),
});
const bodySchema = z.object({ widgets: z.array(widgetSchema) });

/** The text as CloudFormation has it before it puts account and Region in. */
function bodyOf(resources: ReturnType<typeof dashboard>): string {
  const { 'Fn::Sub': text } = z
    .strictObject({ 'Fn::Sub': z.string() })
    .parse(resources['Dashboard']?.Properties['DashboardBody']);
  return text;
}

const body = bodyOf(standardDashboard().Resources);
const { widgets } = bodySchema.parse(JSON.parse(body));

/** Counters that the kernel counts by name. */
function countedInTheKernel(): ReadonlySet<string> {
  const sources = globSync('shared/kernel/{report,run}/*.ts').map((path) => readFileSync(path, 'utf8'));
  const telemetry = readFileSync('shared/kernel/report/telemetry.ts', 'utf8');
  const classes = [...telemetry.matchAll(/new Set\(\[([^\]]+)\]\)/gu)].flatMap(
    ([, list = '']) => list.match(/\w+/gu) ?? [],
  );
  const named = sources.flatMap((source) =>
    [...source.matchAll(/(?:counters|gauges)\s*[:=]\s*\{([^}]+)\}/gu)].flatMap(
      ([, list = '']) => list.match(/\b[A-Z]\w+(?=:)/gu) ?? [],
    ),
  );
  return new Set([...classes, ...named, 'Done']);
}

describe('the dashboard', () => {
  it(
    'shows every alarm of the packaged stack, each once',
    async () => {
      const { Resources } = await packagedTemplate(DEFAULTS);
      const prefix = 'runbook-dev';
      const names = Object.values(Resources).flatMap(({ Type, Properties }) =>
        Type === 'AWS::CloudWatch::Alarm' ? [String(Properties?.['AlarmName'])] : [],
      );
      const shown = widgets
        .flatMap(({ properties }) => properties.alarms ?? [])
        .map((arn) => (arn.split(':alarm:')[1] ?? '').replace('${param:prefix}', prefix));
      expect(shown.toSorted()).toEqual(names.toSorted());
    },
    PACKAGING_TIMEOUT_MS,
  );

  it('searches in no more words than CloudWatch takes, 1,024 characters, with the longest prefix', () => {
    const searches = [...body.matchAll(/SEARCH\('(.*?)', '/gu)].map(([, search = '']) =>
      search.replaceAll('\\"', '"').replaceAll('${param:prefix}', 'p'.repeat(PREFIX_MAX_LENGTH)),
    );
    expect(searches.length).toBeGreaterThan(6);
    expect(searches.filter((search) => search.length > 1_024)).toEqual([]);
  });

  it('shows counters by the names that the kernel counts them by', () => {
    const counted = countedInTheKernel();
    expect(SHOWN_COUNTERS.filter((name) => !counted.has(name))).toEqual([]);
    expect(SHOWN_COUNTERS.filter((name) => !body.includes(`\\"${name}\\"`))).toEqual([]);
  });

  it('asks Lambda of each function of the stack', () => {
    expect(runbookNames().filter((name) => !body.includes(`\${param:prefix}-${name}\\"`))).toEqual([]);
  });

  it('has every widget within the grid, and none over another', () => {
    for (const [index, { x, y, width, height }] of widgets.entries()) {
      expect(x + width).toBeLessThanOrEqual(24);
      const over = widgets.filter(
        (other, at) =>
          at !== index &&
          x < other.x + other.width &&
          other.x < x + width &&
          y < other.y + other.height &&
          other.y < y + height,
      );
      expect(over).toEqual([]);
    }
  });

  it('has no graph of what no runbook watches', () => {
    const titles = (own: readonly string[]) =>
      bodySchema
        .parse(JSON.parse(bodyOf(dashboard({ runbooks: ['a'], alarms: [], own }))))
        .widgets.map(({ properties }) => properties.title);
    expect(titles([])).not.toContain('What runbooks watch');
    expect(titles(['StandbyReady'])).toContain('What runbooks watch');
  });
});
