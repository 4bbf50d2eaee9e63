/** The framework's plugin: what it refuses, says, and derives. */

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { DescribeTableCommand, DynamoDBClient, UpdateTableCommand } from '@aws-sdk/client-dynamodb';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ROOT } from '../../build/cloudformation.ts';
import { ownVersion } from '../../build/source-version.ts';
import DeployPlugin, { type Framework } from '../../build/deploy-plugin.ts';

const DEFAULTS = {
  prefix: 'runbook-dev',
  mode: 'none',
  dryRun: 'false',
  approval: 'never',
  vpcId: '*',
  alertEmail: 'none',
  reservedConcurrency: '10',
  dashboard: 'none',
};

class FrameworkError extends Error {}

interface Given {
  readonly command?: string;
  readonly options?: { region?: string; readonly [name: string]: unknown };
  readonly params?: Framework['configurationInput']['params'];
}

/** The plugin in a framework that keeps what was done to it. */
function plugged({ command = 'package', options = {}, params = { default: DEFAULTS } }: Given) {
  const said: string[] = [];
  const extended: unknown[] = [];
  const provider: Framework['service']['provider'] = {
    compiledCloudFormationTemplate: {
      Resources: { T: { Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'runbook-dev-control' } } },
    },
  };
  const deployer = { updateStack: true, getCreateChangeSetParams: (given: object): object => given };
  const framework: Framework = {
    classes: { Error: FrameworkError },
    configurationInput: { service: 'runbook', params },
    processedInput: { commands: command.split(' '), isHelpRequest: false },
    pluginManager: { plugins: [deployer] },
    service: { provider },
    extendConfiguration: (path, value) => void extended.push([path.join('.'), value]),
    getProvider: () => ({ getStage: () => 'dev', getAwsSdkV3Config: async () => ({ region: 'us-east-1' }) }),
  };
  const log = { notice: (line: string) => void said.push(line), warning: (line: string) => void said.push(line) };
  const plugin = new DeployPlugin(framework, options, { log });
  return { plugin, said, extended, provider, deployer, options };
}

async function derived(plugin: DeployPlugin, address: string, value: string): Promise<unknown> {
  const { deploy } = z
    .object({ deploy: z.object({ resolve: z.custom<(request: object) => Promise<{ value: unknown }>>() }) })
    .parse(plugin.configurationVariablesSources);
  return (await deploy.resolve({ address, resolveVariable: async () => value })).value;
}

beforeEach(() => {
  for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION', 'AWS_PROFILE', 'AWS_DEFAULT_PROFILE']) vi.stubEnv(name, '');
  for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, join(ROOT, 'no-such-file'));
});
afterEach(() => void vi.unstubAllEnvs());

describe('refused before anything is made', () => {
  it('what is wrong with the command line, all of it at once', async () => {
    const { plugin } = plugged({ options: { param: ['dryrun=true', 'approval=often'], 'vpc-id': 'vpc-1a2b3c4d' } });
    await expect(plugin.asyncInit()).rejects.toThrow(
      new FrameworkError(
        [
          '--vpc-id is no option but a parameter: --param vpcId=…',
          '--param dryrun=true: there is no parameter "dryrun"; did you mean dryRun?',
          '--param approval=often: approval takes never or always, not "often"',
        ].join('\n'),
      ),
    );
  });

  it('a name that nobody reads in the block of any stage', async () => {
    const { plugin } = plugged({ params: { default: DEFAULTS, prod: { alertMail: 'kim@example.com' } } });
    await expect(plugin.asyncInit()).rejects.toThrow(
      'serverless.yml: params.prod: there is no parameter "alertMail"; did you mean alertEmail?',
    );
  });

  it('a value of the stage’s block, and a name that the stage makes too long', async () => {
    const { plugin } = plugged({ params: { default: DEFAULTS, dev: { dryRun: 'yes' } } });
    await expect(plugin.asyncInit()).rejects.toThrow(
      'serverless.yml, stage dev: dryRun takes true or false, not "yes"',
    );
    const prefix = '${self:service}-with-a-stage-of-long-name-${sls:stage}';
    const long = plugged({ params: { default: { ...DEFAULTS, prefix } } });
    await expect(long.plugin.asyncInit()).rejects.toThrow(
      'up to 27 characters, not "runbook-with-a-stage-of-long-name-dev"',
    );
  });

  it('a value that is known only once its variable is', async () => {
    const block = { dryRun: '${env:PLAN_ONLY}' };
    const { plugin } = plugged({ params: { default: DEFAULTS, dev: block } });
    await plugin.asyncInit();
    block.dryRun = 'maybe';
    expect(() => plugin.hooks['initialize']?.()).toThrow('dryRun takes true or false, not "maybe"');
  });

  it('parameters for what was packaged before', async () => {
    const { plugin } = plugged({
      command: 'deploy',
      options: { package: '.serverless', param: ['dryRun=true'], region: 'us-east-1' },
    });
    await expect(plugin.asyncInit()).rejects.toThrow('--param has no effect on what was packaged before');
  });

  it('parameters for a rollback', async () => {
    const { plugin } = plugged({ command: 'rollback', options: { param: ['mode=plan'], region: 'us-east-1' } });
    await expect(plugin.asyncInit()).rejects.toThrow('--param has no effect on a rollback');
  });

  it.each(['deploy', 'deploy function', 'remove', 'info', 'rollback'])('%s without any Region', async (command) => {
    const { plugin } = plugged({ command });
    await expect(plugin.asyncInit()).rejects.toThrow(
      'no Region is configured: give --region, set AWS_REGION, or set the Region of the profile',
    );
  });

  it('a Region that is none', async () => {
    vi.stubEnv('AWS_REGION', 'us_east_1');
    await expect(plugged({}).plugin.asyncInit()).rejects.toThrow('AWS_REGION: "us_east_1" is no Region');
  });
});

describe('said', () => {
  it('that nobody will hear, and that deploying will need a Region', async () => {
    const { plugin, said, extended } = plugged({});
    await plugin.asyncInit();
    await plugin.hooks['initialize']?.();
    expect(extended).toEqual([['provider.region', 'eu-west-1']]);
    expect(said).toEqual([
      'No Region is configured: the package fits every one, deploying it will need one.',
      'Nobody will hear of alarms and failed runs: give --param alertEmail=YOU@EXAMPLE.COM, or subscribe somebody to the topics runbook-dev-page, runbook-dev-look and runbook-dev-messages.',
    ]);
  });

  it('who will hear, and which Region was taken from where', async () => {
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_DEFAULT_REGION', 'eu-west-1');
    const { plugin, said, options } = plugged({
      command: 'deploy',
      options: { param: ['alertEmail=kim@example.com'] },
    });
    await plugin.asyncInit();
    await plugin.hooks['initialize']?.();
    expect(said).toEqual([
      'Region us-east-1, from AWS_REGION; AWS_DEFAULT_REGION says eu-west-1',
      'kim@example.com will hear of alarms and failed runs, once the links in all three mails from AWS are clicked.',
    ]);
    // Where the framework looks first: what was packaged elsewhere brings a Region of its own.
    expect(options).toMatchObject({ region: 'us-east-1' });
  });

  it('nothing, where somebody only asks for help', async () => {
    const { plugin, said } = plugged({ command: 'print' });
    await plugin.asyncInit();
    await plugin.hooks['initialize']?.();
    expect(said).toEqual([]);
  });
});

describe('derived', () => {
  const { plugin } = plugged({});

  it('the ARN of each VPC', async () => {
    const arn = (vpc: string): object => ({
      'Fn::Sub': `arn:\${AWS::Partition}:ec2:\${AWS::Region}:\${AWS::AccountId}:vpc/${vpc}`,
    });
    expect(await derived(plugin, 'vpcArns', '*')).toEqual([arn('*')]);
    expect(await derived(plugin, 'vpcArns', 'vpc-1a2b3c4d,vpc-2b3c4d5e')).toEqual([
      arn('vpc-1a2b3c4d'),
      arn('vpc-2b3c4d5e'),
    ]);
  });

  it('the reservation, or none', async () => {
    expect(await derived(plugin, 'reservedConcurrency', '10')).toBe(10);
    expect(await derived(plugin, 'reservedConcurrency', 'none')).toBeNull();
  });

  it('the file of the person’s subscriptions, or none', async () => {
    expect(await derived(plugin, 'people', 'kim@example.com')).toBe('${file(deploy/people.yml)}');
    expect(await derived(plugin, 'people', 'none')).toBeNull();
  });

  it('the version of the sources that are deployed', async () => {
    expect(await derived(plugin, 'version', '')).toBe(ownVersion());
  });

  it('nothing else', async () => {
    await expect(derived(plugin, 'vpcs', '*')).rejects.toThrow('there is no ${deploy:vpcs}');
  });
});

describe('the tables', () => {
  it('are protected before the stack is updated, which then adopts them', async () => {
    const aws = mockClient(DynamoDBClient);
    aws.on(DescribeTableCommand).resolves({ Table: { DeletionProtectionEnabled: false } });
    aws.on(UpdateTableCommand).resolves({});
    const { plugin, provider, deployer } = plugged({ command: 'deploy', options: { region: 'us-east-1' } });
    await plugin.hooks['before:aws:deploy:deploy:updateStack']?.();
    expect(aws.commandCalls(UpdateTableCommand)).toHaveLength(1);
    expect(provider.deploymentMethod).toBe('changesets');
    expect(deployer.getCreateChangeSetParams({})).toEqual({ ImportExistingResources: true });
    aws.restore();
  });

  it('that cannot be protected afterwards are named with the line that does it; the stack stands', async () => {
    const aws = mockClient(DynamoDBClient);
    aws.on(DescribeTableCommand).rejects(new Error('not authorized'));
    const { plugin, said } = plugged({ command: 'deploy', options: { region: 'us-east-1' } });
    await plugin.asyncInit();
    await plugin.hooks['after:deploy:deploy']?.();
    expect(said).toEqual([
      'The tables are not protected from deletion (not authorized). By hand:\naws dynamodb update-table --region us-east-1 --table-name runbook-dev-control --deletion-protection-enabled',
    ]);
    aws.restore();
  });
});

describe('the framework itself', () => {
  it('ends with the clear line, and makes nothing', () => {
    const framework = join(ROOT, 'node_modules', 'serverless', 'bin', 'serverless.js');
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [framework, 'package', '--package', join('.build', 'never-made'), '--param', 'dryrun=true'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect(status).toBe(1);
    expect(`${stdout}${stderr}`).toContain('--param dryrun=true: there is no parameter "dryrun"; did you mean dryRun?');
    expect(`${stdout}${stderr}`).not.toContain('Packaging');
  }, 60_000);
});
