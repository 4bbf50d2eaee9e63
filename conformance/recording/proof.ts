/**
 * The recording itself, tried against moto in place of an account: refused where no alias says sandbox, killed half-way and cleaned up after,
 * run to its end. What others have there stays.
 */

import {
  AllocateAddressCommand,
  CreateTagsCommand,
  CreateVolumeCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  DescribeInternetGatewaysCommand,
  DescribeLaunchTemplatesCommand,
  DescribeManagedPrefixListsCommand,
  DescribeNetworkAclsCommand,
  DescribeSecurityGroupsCommand,
  DescribeSnapshotsCommand,
  DescribeSubnetsCommand,
  DescribeVolumesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';

import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from '@aws-sdk/client-auto-scaling';
import { CreateAccountAliasCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../../build/cloudformation.ts';
import { startEmulator } from '../emulator.ts';
import { unfinished } from './journal.ts';
import { TAG_KEY } from './kinds.ts';
import { idsIn, textsIn } from './plain.ts';
import { fileOf, readRecordings } from './recorded.ts';
import { leaksIn } from './redaction.ts';

/** Another than the example's, so that it would show in a recording. */
const ACCOUNT = '222233334444';
const REGION = 'eu-west-1';
const CREDENTIALS = { accessKeyId: 'conformance', secretAccessKey: 'conformance' };

/** One of addresses and their network, one of volumes, one of a network, one of names; one whose names are one in a Region. */
const TRIED = [
  'a free address is associated, disassociated, and is free again',
  'a volume is created with its tags, and deleted',
  'inbound rules of a security group of all kinds are authorized and revoked',
  'an entry of a managed prefix list is there once',
  'what was received in vain is a dead letter, as it was sent',
  'a group and its members are described from both sides',
];

/** The one that is killed, and after how many creations: a volume that nobody was told of stands then. */
const KILLED = { scenario: 'requests about volumes that cannot be', creations: 8 };

interface Ended {
  readonly code: number | null;
  readonly text: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly end: Promise<Ended>;
}

function started(url: string, folder: string, args: readonly string[]): Running {
  const places = ['--to', join(folder, 'recorded'), '--journals', join(folder, 'journals')];
  const child = spawn(process.execPath, [join(ROOT, 'conformance', 'recording', 'record.ts'), ...args, ...places], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_PROFILE: '',
      AWS_SESSION_TOKEN: '',
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const end = new Promise<Ended>((resolve) => void child.on('close', (code) => resolve({ code, text })));
  return { child, end };
}

async function bodyOf(request: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const CREATES = /(?:^|&)Action=(?:AllocateAddress|RunInstances|Create\w+)(?:&|$)/u;

/** A way to the account on which, when so much has been created, `then` is called, and nobody is answered any more. */
async function relayTo(url: string, creations: number, then: () => void): Promise<{ url: string; stop: () => void }> {
  let count = 0;
  const server = createServer((request, response) => {
    void (async () => {
      const body = await bodyOf(request);
      const { host: _, connection: __, ...headers } = request.headers;
      const sent = Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]);
      const answer = await fetch(`${url}${request.url ?? ''}`, { method: 'POST', headers: sent, body });
      const text = await answer.text();
      if (CREATES.test(body.toString())) count += 1;
      if (count >= creations) return then();
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/xml' });
      response.end(text);
    })();
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

interface Account {
  readonly url: string;
  readonly folder: string;
  readonly ec2: EC2Client;
  readonly autoScaling: AutoScalingClient;
  readonly sqs: SQSClient;
  readonly wrong: string[];
}

function expect({ wrong }: Account, isSo: boolean, what: string, { text }: Pick<Ended, 'text'>): void {
  if (!isSo) wrong.push(`recording: ${what}: ${text.trim().split('\n').slice(-6).join(' | ')}`);
}

/** What others have in the account, some of it with our own key as a tag. */
async function makeForeign({ ec2, sqs }: Account): Promise<void> {
  const volume = { AvailabilityZone: `${REGION}a`, Size: 1, VolumeType: 'gp3' } as const;
  await ec2.send(new CreateVolumeCommand(volume));
  await ec2.send(new AllocateAddressCommand({ Domain: 'vpc' }));
  await sqs.send(new CreateQueueCommand({ QueueName: 'orders' }));
  const { VolumeId: theirs = '' } = await ec2.send(new CreateVolumeCommand(volume));
  await ec2.send(new CreateTagsCommand({ Resources: [theirs], Tags: [{ Key: TAG_KEY, Value: 'rbc-000000000000' }] }));
}

/** Everything in the account of the kinds that a recording creates, whosever it is. */
async function standingIn({ ec2, sqs, autoScaling }: Account): Promise<ReadonlySet<string>> {
  const { Reservations } = await ec2.send(new DescribeInstancesCommand({}));
  // Moto tells of terminated instances for ever.
  const running = (Reservations ?? []).flatMap(({ Instances = [] }) =>
    Instances.filter(({ State }) => State?.Name !== 'terminated'),
  );
  const answers = [
    { running },
    await ec2.send(new DescribeVolumesCommand({})),
    await ec2.send(new DescribeAddressesCommand({})),
    await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'] })),
    await ec2.send(new DescribeVpcsCommand({})),
    await ec2.send(new DescribeSubnetsCommand({})),
    await ec2.send(new DescribeInternetGatewaysCommand({})),
    await ec2.send(new DescribeSecurityGroupsCommand({})),
    // Moto keeps the default one of a VPC that is gone.
    await ec2.send(new DescribeNetworkAclsCommand({ Filters: [{ Name: 'default', Values: ['false'] }] })),
    await ec2.send(new DescribeManagedPrefixListsCommand({})),
    await ec2.send(new DescribeLaunchTemplatesCommand({})),
  ].map(({ ...members }) => Object.fromEntries(Object.entries(members).filter(([name]) => name !== '$metadata')));
  const { AutoScalingGroups = [] } = await autoScaling.send(new DescribeAutoScalingGroupsCommand({}));
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const groups = AutoScalingGroups.map(({ AutoScalingGroupName = '' }) => AutoScalingGroupName);
  return new Set([...textsIn(answers).flatMap(idsIn), ...groups, ...QueueUrls]);
}

/** Says what has come, and what has gone, since `before`. */
async function changes(account: Account, before: ReadonlySet<string>): Promise<readonly string[]> {
  const now = await standingIn(account);
  const come = [...now].filter((id) => !before.has(id)).map((id) => `${id} is left`);
  return [...come, ...[...before].filter((id) => !now.has(id)).map((id) => `${id} is gone`)];
}

async function refusedWithoutAlias(account: Account, before: ReadonlySet<string>): Promise<void> {
  const { url, folder } = account;
  const ended = await started(url, folder, ['--yes', '--scenario', TRIED[0] ?? '']).end;
  expect(account, ended.code === 4, `without an alias it ended with ${ended.code}`, ended);
  const changed = await changes(account, before);
  expect(account, changed.length === 0, `refused, and ${changed.join(', ')}`, ended);
}

async function killedAndCleaned(account: Account, before: ReadonlySet<string>): Promise<void> {
  const { url, folder } = account;
  let running: Running | undefined;
  const relay = await relayTo(url, KILLED.creations, () => void running?.child.kill('SIGKILL'));
  running = started(relay.url, folder, ['--yes', '--scenario', KILLED.scenario]);
  const killed = await running.end;
  relay.stop();
  expect(account, killed.code === null, `it was not killed, but ended with ${killed.code}`, killed);
  const left = await changes(account, before);
  expect(account, left.length > 3, `the killed run left ${left.join(', ')}`, killed);
  const [past] = unfinished(join(folder, 'journals'));
  expect(account, past?.open.has('volume') === true, 'its journal does not tell of an open volume', killed);
  const cleaned = await started(url, folder, ['--clean', '--yes']).end;
  expect(account, cleaned.code === 0, `--clean ended with ${cleaned.code}`, cleaned);
  const after = await changes(account, before);
  expect(account, after.length === 0, `after --clean ${after.join(', ')}`, cleaned);
}

async function recordedWhole(account: Account, before: ReadonlySet<string>): Promise<void> {
  const { url, folder } = account;
  const args = ['--yes', '--account', ACCOUNT, ...TRIED.flatMap((name) => ['--scenario', name])];
  const ended = await started(url, folder, args).end;
  expect(account, ended.code === 0, `it ended with ${ended.code}`, ended);
  expect(account, /at most \$\d/u.test(ended.text), 'it did not say what it costs', ended);
  const to = join(folder, 'recorded');
  const recordings = readRecordings(to);
  expect(account, recordings.length === TRIED.length, `${recordings.length} of ${TRIED.length} are recorded`, ended);
  const texts = recordings.map(({ scenario }) => readFileSync(join(to, fileOf(scenario)), 'utf8'));
  const leaks = texts.flatMap((text) => leaksIn(text, ['sandbox', 'rbc-', ACCOUNT]));
  expect(account, leaks.length === 0, `there stands in recordings ${leaks.join(', ')}`, ended);
  const changed = await changes(account, before);
  expect(account, changed.length === 0, `afterwards ${changed.join(', ')}`, ended);
}

/** Tries it; what is wrong, a line each. Moto must be installed. */
export async function proveRecording(): Promise<readonly string[]> {
  const emulator = await startEmulator(ACCOUNT);
  const folder = mkdtempSync(join(tmpdir(), 'runbook-recording-'));
  try {
    const config = { region: REGION, endpoint: emulator.url, credentials: CREDENTIALS };
    const account: Account = {
      url: emulator.url,
      folder,
      ec2: new EC2Client(config),
      autoScaling: new AutoScalingClient(config),
      sqs: new SQSClient(config),
      wrong: [],
    };
    await makeForeign(account);
    const before = await standingIn(account);
    await refusedWithoutAlias(account, before);
    await new IAMClient(config).send(new CreateAccountAliasCommand({ AccountAlias: 'runbook-sandbox' }));
    await killedAndCleaned(account, before);
    await recordedWhole(account, before);
    return account.wrong;
  } finally {
    emulator.stop();
    rmSync(folder, { recursive: true });
  }
}
