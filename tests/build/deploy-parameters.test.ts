/** What may be given with `--param`, and what is said to whoever gives something else. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate, ROOT } from '../../build/cloudformation.ts';
import {
  flawOfName,
  flawOfOption,
  flawOfValue,
  flawsOfCommandLine,
  PARAMETERS,
} from '../../build/deploy-parameters.ts';

describe('a name that is no parameter', () => {
  it.each([
    ['dryrun', 'dryRun'],
    ['dry-run', 'dryRun'],
    ['DRYRUN', 'dryRun'],
    ['dyrRun', 'dryRun'],
    ['dryRun ', 'dryRun'],
    ['vpc', 'vpcId'],
    ['vpcIds', 'vpcId'],
    ['email', 'alertEmail'],
    ['alertemail', 'alertEmail'],
    ['alertMail', 'alertEmail'],
    ['approvals', 'approval'],
    ['aproval', 'approval'],
    ['concurrency', 'reservedConcurrency'],
    ['reservedConcurency', 'reservedConcurrency'],
    ['Prefix', 'prefix'],
  ])('%s: the one that was meant is named', (given, meant) => {
    expect(flawOfName(given, 'here')).toBe(`here: there is no parameter "${given}"; did you mean ${meant}?`);
  });

  it('is told which there are when nothing comes near', () => {
    const all =
      'mode, dryRun, alertEmail, vpcId, approval, listsBucket, flushBucket, reservedConcurrency, dashboard, prefix';
    expect(flawOfName('colour', 'here')).toBe(`here: there is no parameter "colour"; there are ${all}`);
    expect(flawOfName('', 'here')).toBe(`here: there is no parameter ""; there are ${all}`);
  });

  it('is told of the option it is, and the other way round', () => {
    expect(flawOfName('region', 'here')).toBe('here: region is no parameter but an option: --region');
    expect(flawOfName('profile', 'here')).toBe('here: profile is no parameter but an option: --aws-profile');
    expect(flawOfOption('dryRun')).toBe('--dryRun is no option but a parameter: --param dryRun=…');
    expect(flawOfOption('dry-run')).toBe('--dry-run is no option but a parameter: --param dryRun=…');
    expect(flawOfOption('region')).toBeUndefined();
  });
});

describe('a value', () => {
  it.each([
    ['mode', 'plan'],
    ['mode', 'apply'],
    ['mode', 'none'],
    ['dryRun', 'true'],
    ['dryRun', 'false'],
    ['approval', 'never'],
    ['approval', 'always'],
    ['vpcId', '*'],
    ['vpcId', 'vpc-0d4b2c7a91e6f3058'],
    ['vpcId', 'vpc-1a2b3c4d,vpc-0d4b2c7a91e6f3058'],
    ['alertEmail', 'none'],
    ['alertEmail', 'on-call+runbooks@ops.example.co.uk'],
    ['reservedConcurrency', 'none'],
    ['dashboard', 'yes'],
    ['dashboard', 'none'],
    ['reservedConcurrency', '1'],
    ['reservedConcurrency', '1000'],
    ['prefix', 'runbook-dev'],
    ['prefix', 'a2345678901234567890123456z'],
  ])('%s=%s passes', (name, value) => {
    expect(flawOfValue(name, value, 'here')).toBeUndefined();
  });

  it.each([
    ['mode', 'act'],
    ['mode', ''],
    ['dryRun', 'yes'],
    ['dryRun', 'True'],
    ['dryRun', '1'],
    ['dryRun', ''],
    ['approval', 'Always'],
    ['vpcId', 'vpc-123'],
    ['vpcId', 'vpc-0D4B2C7A91E6F3058'],
    ['vpcId', 'vpc-1a2b3c4d, vpc-0d4b2c7a91e6f3058'],
    ['vpcId', 'vpc-1a2b3c4d,'],
    ['vpcId', '*,vpc-1a2b3c4d'],
    ['vpcId', Array.from({ length: 21 }, () => 'vpc-1a2b3c4d').join()],
    ['alertEmail', 'kim'],
    ['alertEmail', 'kim@example.com,jo@example.com'],
    ['alertEmail', 'Kim <kim@example.com>'],
    ['alertEmail', 'kim@example'],
    ['alertEmail', '${env:MAIL}'],
    ['reservedConcurrency', '0'],
    ['dashboard', 'true'],
    ['reservedConcurrency', '1001'],
    ['reservedConcurrency', '-1'],
    ['reservedConcurrency', '1e2'],
    ['reservedConcurrency', '0x10'],
    ['prefix', 'a2345678901234567890123456zz'],
    ['prefix', 'run_book'],
    ['prefix', '9runbook'],
    ['prefix', 'runbook-'],
  ])('%s=%s is refused, with what is taken', (name, value) => {
    const takes = PARAMETERS.find((parameter) => parameter.name === name)?.takes.replaceAll('`', '');
    expect(flawOfValue(name, value, 'here')).toBe(`here: ${name} takes ${takes}, not "${value}"`);
  });
});

describe('a command line', () => {
  it('is told all that is wrong with it, a line each', () => {
    expect(flawsOfCommandLine(['dryrun=true', 'approval=often', 'vpcId=*'])).toEqual([
      '--param dryrun=true: there is no parameter "dryrun"; did you mean dryRun?',
      '--param approval=often: approval takes never or always, not "often"',
    ]);
  });

  it('may say a thing once: of two values the framework would take the last without a word', () => {
    expect(flawsOfCommandLine(['dryRun=true', 'dryRun=false'])).toEqual([
      '--param dryRun=false: dryRun is given twice',
    ]);
  });

  it('needs a value for each', () => {
    expect(flawsOfCommandLine(['dryRun'])).toEqual(['--param dryRun: dryRun takes true or false, not ""']);
    expect(flawsOfCommandLine(['dryRun='])).toEqual(['--param dryRun=: dryRun takes true or false, not ""']);
  });
});

describe('the page and the defaults', () => {
  const defaults = z
    .object({ params: z.object({ default: z.record(z.string(), z.string()) }) })
    .parse(readTemplate('serverless.yml')).params.default;

  it('are of the same parameters, and every default passes', () => {
    expect(Object.keys(defaults).toSorted()).toEqual(PARAMETERS.map(({ name }) => name).toSorted());
    const { prefix, ...others } = defaults;
    expect(prefix).toBe('${self:service}-${sls:stage}');
    expect(Object.entries(others).flatMap(([name, value]) => flawOfValue(name, value, 'default') ?? [])).toEqual([]);
  });

  it('are in README.md as they are here', () => {
    const page = readFileSync(join(ROOT, 'README.md'), 'utf8');
    const [, rows] = /\| parameter \| takes \| default \| \|\n\|---\|---\|---\|---\|\n((?:\|.*\n)+)/u.exec(page) ?? [];
    expect(rows?.trimEnd().split('\n')).toEqual(
      PARAMETERS.map(({ name, takes, meaning }) => {
        const value = name === 'prefix' ? 'runbook-<stage>' : defaults[name];
        return `| \`${name}\` | ${takes} | \`${value}\` | ${meaning} |`;
      }),
    );
  });
});
