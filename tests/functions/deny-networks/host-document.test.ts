/** The document that hosts run: what it takes, that nothing else ever reaches it, and what its script does. */

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate } from '../../../build/cloudformation.ts';
import { decideHost } from '../../../functions/deny-networks/decide/host.ts';
import { contentSum } from '../../../functions/deny-networks/decide/host-content.ts';
import { blockRowsOf } from '../../../shared/judgement/blocklist/rows.ts';
import { later, NOW, row } from '../../shared/judgement/blocklist/ledger-facts.ts';
import { hostFacts, type HostScene } from './host-facts.ts';

const parameterSchema = z.strictObject({
  type: z.literal('String'),
  description: z.string(),
  default: z.literal('').optional(),
  allowedPattern: z.string(),
});
const documentSchema = z.object({
  parameters: z.record(z.string(), parameterSchema),
  mainSteps: z.tuple([z.object({ inputs: z.object({ runCommand: z.tuple([z.string()]) }) })]),
});
const templateSchema = z.object({
  Resources: z.object({ HostFirewall: z.object({ Properties: z.object({ Content: documentSchema }) }) }),
});
const DOCUMENT = templateSchema.parse(readTemplate('deploy/hosts.yml')).Resources.HostFirewall.Properties.Content;
const [SCRIPT] = DOCUMENT.mainSteps[0].inputs.runCommand;

const parametersSchema = z.record(z.string(), z.tuple([z.string()]));

/** What the host is given; nothing, where no command is sent. */
function parametersIn(scene: HostScene): Readonly<Record<string, string>> {
  const decision = decideHost(hostFacts(scene), NOW);
  const command = decision.kind === 'act' ? decision.plan.find(({ call }) => call === 'ssm:SendCommand') : undefined;
  const parameters = parametersSchema.parse(command?.input['Parameters'] ?? {});
  return Object.fromEntries(Object.entries(parameters).map(([name, [value]]) => [name, value]));
}

/** The script as Systems Manager makes it. */
function scriptWith(parameters: Readonly<Record<string, string>>): string {
  return SCRIPT.replaceAll(/\{\{ (\w+) \}\}/gu, (_whole, name: string) => parameters[name] ?? '');
}

/** What people or attackers may have written: shell, and what looks like a network. */
const word = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '198.51.100.9',
    '198.51.100.9/32',
    '2001:DB8::/48',
    '203.0.113.0/24',
    '::ffff:198.51.100.9',
    '10.0.0.1',
  ),
  fc.constantFrom(
    "198.51.100.9/32'; reboot #",
    '$(reboot)',
    '198.51.100.9\n',
    '198.51.100.9/32,0 ::/0,9999999999',
    '`id`',
  ),
);
const end = fc.oneof(
  word,
  fc.integer({ min: -10, max: 1_000_000 }).map(later),
  fc.constant('+275760-09-13T00:00:00.000Z'),
);
const item = fc.record({ key: word, until: end, why: word }).map(({ key, until, why }) => ({
  partition: 'block',
  key,
  version: 1,
  value: { reasons: [{ incident: why, why, by: why, from: NOW, until, delivery: '', run: '', strikes: 0 }] },
}));

describe('the document for hosts', () => {
  it('takes three parameters, of characters that are no shell', () => {
    const patterns = Object.entries(DOCUMENT.parameters).map(([name, { allowedPattern }]) => [name, allowedPattern]);
    expect(Object.fromEntries(patterns)).toEqual({
      asked: '^[0-9]{1,15}$',
      v4: '^[0-9./, ]*$',
      v6: '^[0-9a-f:./, ]*$',
    });
    expect(SCRIPT.match(/\{\{.*?\}\}/gu)).toEqual(['{{ asked }}', '{{ v4 }}', '{{ v6 }}']);
  });

  it.each(['block-on-a-host', 'block-on-hosts-apart', 'block-on-a-host-in-vain'])(
    'is the one of the drill %s',
    (drill) => {
      const parameters = z.object({
        Name: z.string(),
        AllowedPattern: z.string(),
        DefaultValue: z.string().optional(),
      });
      const world = z.object({
        ssm: z.object({ Documents: z.tuple([z.object({ Parameters: z.array(parameters) })]) }),
      });
      const { ssm } = world.parse(JSON.parse(readFileSync(`drills/${drill}/world.json`, 'utf8')));
      expect(
        ssm.Documents[0].Parameters.map(({ Name, AllowedPattern, DefaultValue }) => [
          Name,
          AllowedPattern,
          DefaultValue,
        ]),
      ).toEqual(
        Object.entries(DOCUMENT.parameters).map(([name, { allowedPattern, default: value }]) => [
          name,
          allowedPattern,
          value,
        ]),
      );
    },
  );

  it('is given nothing but what its patterns allow, whatever stands in the ledger and in the note', () => {
    fc.assert(
      fc.property(fc.array(item, { maxLength: 12 }), fc.array(word, { maxLength: 4 }), (items, mine) => {
        const { rows: blocks } = blockRowsOf(items);
        for (const [name, value] of Object.entries(parametersIn({ blocks, mine }))) {
          expect(value).toMatch(new RegExp(DOCUMENT.parameters[name]?.allowedPattern ?? '^never$', 'u'));
          expect(value).not.toContain('\n');
        }
      }),
    );
  });

  it('has room for 500 networks of each family, below the 64 KB that a document may have with its parameters', () => {
    const v6 = Array.from({ length: 510 }, (_none, index) =>
      row(`2001:db8:${(0x1000 + index).toString(16)}:1111:1111:1111:1111:1111/128`),
    );
    const v4 = Array.from({ length: 510 }, (_none, index) => row(`198.${100 + (index >> 8)}.${index & 255}.200/32`));
    const parameters = parametersIn({ blocks: [...v4, ...v6] });
    expect([parameters['v4']?.split(' ').length, parameters['v6']?.split(' ').length]).toEqual([500, 500]);
    const whole = JSON.stringify(readTemplate('deploy/hosts.yml')) + Object.values(parameters).join('');
    expect(whole.length).toBeLessThan(60_000);
  });
});

/** Runs the script in a folder of its own, with an nft that keeps what it was given. */
function run(parameters: Readonly<Record<string, string>>, folder = mkdtempSync(join(tmpdir(), 'host-'))) {
  const path = join(folder, 'bin');
  spawnSync('mkdir', ['-p', path]);
  for (const [name, body] of [
    ['nft', `cat >'${folder}/given'`],
    ['flock', ':'],
  ] as const) {
    writeFileSync(join(path, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(path, name), 0o755);
  }
  const script = scriptWith(parameters).replaceAll('/run/', `${folder}/`);
  const { status, stdout } = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: { PATH: `${path}:/usr/bin:/bin` },
  });
  return { status, stdout, folder, given: () => readFileSync(join(folder, 'given'), 'utf8') };
}

describe('the script on a host', () => {
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const elements = [
    { cidr: '198.51.100.9/32', end: nowSeconds + 3_600 },
    { cidr: '2001:db8::/48', end: nowSeconds + 7_200 },
  ];
  const both = {
    asked: '1000',
    v4: `198.51.100.9/32,${nowSeconds + 3_600}`,
    v6: `2001:db8::/48,${nowSeconds + 7_200}`,
  };

  it('puts each network into the set of its family, until its end, in one transaction', () => {
    const { status, stdout, given } = run(both);
    expect(status).toBe(0);
    expect(given()).toMatch(/elements = \{ 198\.51\.100\.9\/32 timeout (?:3600|359\d)s,\s+\}/u);
    expect(given()).toMatch(/elements = \{ 2001:db8::\/48 timeout (?:7200|719\d)s,\s+\}/u);
    expect(given().match(/table inet runbook_block/gu)).toHaveLength(3);
    expect(stdout).toBe(`runbook_block: 1 of IPv4, 1 of IPv6, ${contentSum(elements)}\n`);
  });

  it('leaves out what has ended on the way, and says that it was given it all the same', () => {
    const { stdout, given } = run({ ...both, v4: '198.51.100.9/32,5' });
    expect(given()).not.toContain('198.51.100.9');
    expect(stdout).toBe(
      `runbook_block: 0 of IPv4, 1 of IPv6, ${contentSum([{ cidr: '198.51.100.9/32', end: 5 }, ...elements.slice(1)])}\n`,
    );
  });

  it('takes everything out where nothing is given', () => {
    const { stdout, given } = run({ asked: '1000' });
    expect(given()).not.toContain('elements');
    expect(stdout).toBe(`runbook_block: 0 of IPv4, 0 of IPv6, ${contentSum([])}\n`);
  });

  it('does not put what was decided earlier in the place of what was decided later', () => {
    const { folder } = run(both);
    expect(run({ asked: '999' }, folder)).toMatchObject({
      status: 4,
      stdout: 'superseded: the host was given what was decided later\n',
    });
    expect(run({ asked: '1000' }, folder)).toMatchObject({ status: 0 });
  });
});
