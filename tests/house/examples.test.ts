/** The example stacks work as their page says: outputs that are asked for, data on its volume only, deletion that ends. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTemplate, ROOT } from '../../build/cloudformation.ts';
import { folders } from './tidy-files.ts';

const exampleSchema = z.object({
  Outputs: z.record(z.string(), z.object({ Value: z.unknown() })),
  Resources: z.record(
    z.string(),
    z.looseObject({
      Type: z.string(),
      DependsOn: z.union([z.string().transform((one) => [one]), z.array(z.string())]).default([]),
      Properties: z.looseObject({}).default({}),
    }),
  ),
});

const EXAMPLES = folders('examples').map((name) => ({
  name,
  ...exampleSchema.parse(readTemplate(`examples/${name}/template.yml`)),
}));
const PAGE = readFileSync(join(ROOT, 'examples', 'README.md'), 'utf8');
const SHELL = [...PAGE.matchAll(/```sh\n(.*?)```/gsu)].map(([, lines = '']) => lines);

/** Scripts are checked, not run. */
function syntaxOf(script: string): string {
  const { stderr, error } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
  return error === undefined ? stderr : error.message;
}

/** Those that have servers. */
const SERVED = EXAMPLES.filter(({ Resources }) => 'Server' in Resources);

/** What CloudFormation puts into a script stands in it as a variable would. */
const scriptSchema = z.union([z.string(), z.object({ 'Fn::Sub': z.string() }).transform((one) => one['Fn::Sub'])]);

function userData(example: (typeof EXAMPLES)[number]): string {
  const found = z
    .object({ LaunchTemplateData: z.object({ UserData: z.object({ 'Fn::Base64': scriptSchema }) }) })
    .parse(example.Resources['Server']?.Properties);
  return found.LaunchTemplateData.UserData['Fn::Base64'];
}

/** Ids of the resources of a type. */
function idsOf({ Resources }: (typeof EXAMPLES)[number], ...types: readonly string[]): string[] {
  return Object.entries(Resources).flatMap(([id, { Type }]) => (types.includes(Type) ? [id] : []));
}

describe('the page', () => {
  it('asks for outputs that are there', () => {
    const asked = [...PAGE.matchAll(/\$\(output ([a-z-]+) (\w+)\)/gu)].map(([, name, output]) => ({ name, output }));
    const missing = asked.filter(
      ({ name, output = '' }) => !(output in (EXAMPLES.find((example) => example.name === name)?.Outputs ?? {})),
    );
    expect(asked.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
    for (const { name, Outputs } of EXAMPLES.filter((example) => example.name.endsWith('-group')))
      expect(`${name}: ${Object.keys(Outputs).join(' ')}`).toContain('GroupName');
  });

  it('has nothing to fill in but the mail address', () => {
    const capitals = SHELL.flatMap((lines) => lines.match(/(?<![\w$"'./:-])[A-Z][A-Z_]{3,}(?![\w=:-])/gu) ?? []);
    expect([...new Set(capitals)].toSorted()).toEqual([
      'CAPABILITY_IAM',
      'CAPABILITY_NAMED_IAM',
      'EXAMPLE',
      'NAME',
      'STACK',
    ]);
  });

  it('has commands that a shell can read', () => {
    expect(SHELL.map(syntaxOf)).toEqual(SHELL.map(() => ''));
  });

  it('names the VPC of every stack whose address moves', () => {
    const [, asked = ''] = /^vpcs="(.*)"$/mu.exec(PAGE) ?? [];
    const moved = EXAMPLES.filter((example) => idsOf(example, 'AWS::EC2::EIP').length > 0).map(({ name }) => name);
    expect(moved.toSorted()).toEqual(['self-healing-group', 'two-instances']);
    for (const name of moved) expect(asked).toContain(`$(output ${name} VpcId)`);
  });
});

describe.each(SERVED)('$name', (example) => {
  it('has user data that a shell can read', () => {
    expect(syntaxOf(userData(example))).toBe('');
  });

  it('is deleted in an order that ends: what holds an address before the address', () => {
    for (const address of idsOf(example, 'AWS::EC2::EIP')) {
      const holders = idsOf(example, 'AWS::EC2::Instance', 'AWS::AutoScaling::AutoScalingGroup');
      for (const id of holders) expect(example.Resources[id]?.DependsOn).toContain(address);
    }
  });

  it('is deleted without waiting for a runbook: a terminate hook goes before its group', () => {
    for (const id of idsOf(example, 'AWS::AutoScaling::AutoScalingGroup')) {
      expect(JSON.stringify(example.Resources[id]?.Properties)).not.toContain('EC2_INSTANCE_TERMINATING');
      const hooks = idsOf(example, 'AWS::AutoScaling::LifecycleHook').map((hook) => {
        const { AutoScalingGroupName, LifecycleTransition } = example.Resources[hook]?.Properties ?? {};
        return { AutoScalingGroupName, LifecycleTransition };
      });
      const own = { AutoScalingGroupName: { Ref: id }, LifecycleTransition: 'autoscaling:EC2_INSTANCE_TERMINATING' };
      // Bastions are ended when they are empty, and need none.
      expect(hooks).toEqual(example.name === 'bastion' ? [] : [own]);
    }
  });
});

describe('the data of carry-volumes-group', () => {
  const example = EXAMPLES.find(({ name }) => name === 'carry-volumes-group');
  if (example === undefined) throw new Error('examples/carry-volumes-group is missing');
  const script = userData(example);

  it('is found by its label, and its absence does not keep the host from starting', () => {
    expect(script).toContain('mkfs.xfs -L page "$disk"');
    expect(script).toContain("echo 'LABEL=page /srv/page xfs defaults,nofail 0 2' >> /etc/fstab");
    expect(script).not.toMatch(/^mount /mu);
  });

  it('is written to its volume only: the units want the mount, and refuse the bare directory', () => {
    for (const line of ['RequiresMountsFor=/srv/page', 'BindsTo=srv-page.mount', 'AssertPathIsMountPoint=/srv/page'])
      expect(script).toContain(`\n${line}\n`);
  });

  it('overwrites no file system', () => {
    expect(script).not.toMatch(/mkfs\S*.* -f\b|--force/u);
  });

  it('is what is frozen, never the root disk', () => {
    const { Content } = z
      .object({
        Content: z.object({
          mainSteps: z.tuple([z.object({ inputs: z.object({ runCommand: z.array(z.string()) }) })]),
        }),
      })
      .parse(example.Resources['Freeze']?.Properties);
    const commands = Content.mainSteps[0].inputs.runCommand;
    const guard = commands.indexOf('mountpoint --quiet /srv/page');
    expect(guard).toBeGreaterThan(commands.indexOf('set -eu'));
    expect(guard).toBeLessThan(commands.findIndex((line) => line.startsWith('fsfreeze --freeze')));
    expect(syntaxOf(commands.join('\n').replaceAll(/\{\{ (\w+) \}\}/gu, '$1'))).toBe('');
  });
});

describe('the bastions', () => {
  const bastion = EXAMPLES.find(({ name }) => name === 'bastion');
  if (bastion === undefined) throw new Error('examples/bastion is missing');

  it('let nobody in before they have the key that all of them have, and make no other', () => {
    const script = userData(bastion);
    const commands = [
      'systemctl stop sshd',
      'until aws ssm get-parameter',
      'aws ssm put-parameter',
      'systemctl start sshd',
    ];
    const places = commands.map((command) => script.indexOf(command));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
    expect(script).not.toContain('--overwrite');
  });

  it('count who is logged in, nobody too, in the words that are read', () => {
    const { Content } = z
      .object({
        Content: z.object({
          mainSteps: z.tuple([z.object({ inputs: z.object({ runCommand: z.array(z.string()) }) })]),
        }),
      })
      .parse(bastion.Resources['Count']?.Properties);
    const script = Content.mainSteps[0].inputs.runCommand.join('\n');
    const counted = (found: string): string =>
      spawnSync('sh', ['-c', `pgrep() { ${found}; }\n${script}`], { encoding: 'utf8' }).stdout;
    expect(counted('echo 0; return 1')).toBe('{"sessions":0}\n');
    expect(counted('echo 2')).toBe('{"sessions":2}\n');
    expect(counted('return 2')).toBe('{"sessions":}\n');
  });
});

describe('the gang', () => {
  const gang = EXAMPLES.find(({ name }) => name === 'gang');
  const ofType = (type: string): readonly string[] =>
    Object.values(gang?.Resources ?? {}).flatMap((one) => (one.Type === type ? [JSON.stringify(one.Properties)] : []));

  it('installs its worker before it mounts: an image without the Lustre client attests that it has no file system', () => {
    const [fleet = ''] = ofType('AWS::EC2::LaunchTemplate');
    expect(fleet.indexOf('systemctl enable --now gang-worker')).toBeGreaterThan(0);
    expect(fleet.indexOf('mount -t lustre')).toBeGreaterThan(fleet.indexOf('systemctl enable --now gang-worker'));
  });

  it('lets shells in: its network has no way to Session Manager but by endpoints', () => {
    const services = ofType('AWS::EC2::VPCEndpoint').join(' ');
    for (const service of ['s3', 'dynamodb', 'sqs', 'ec2', 'ssm', 'ssmmessages'])
      expect(services).toMatch(new RegExp(String.raw`\.${service}"`, 'u'));
  });

  it('has room for receives that are no failure of a job', () => {
    expect(ofType('AWS::SQS::Queue').join(' ')).toContain('"maxReceiveCount":10');
  });
});
