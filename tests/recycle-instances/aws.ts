import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  StartInstancesCommand,
  StopInstancesCommand,
  paginateDescribeInstances,
} from '@aws-sdk/client-ec2';
import * as z from 'zod/mini';
import { client } from '../../shared/aws/clients.ts';
import type { Change, Io, Located, Send, Verification } from '../../shared/kernel/definition.ts';
import { TerminalError } from '../../shared/kernel/errors.ts';
import { paced, type Bucket } from '../../shared/kernel/run/pace.ts';

export type Request = { readonly ticket: string };

/** What is read of one instance. */
export interface Seen {
  readonly instanceId: string;
  readonly state: string;
  readonly ticket: string;
  readonly stage: string;
  /** Where the runbook has a bug that only this instance meets. */
  readonly flaw: string;
}

const ids = z.strictObject({ InstanceIds: z.array(z.string()) });
const tags = z.strictObject({
  Resources: z.array(z.string()),
  Tags: z.array(z.strictObject({ Key: z.string(), Value: z.string() })),
});

export async function locate(_request: Request, io: Io): Promise<readonly Located<Seen>[]> {
  const found: Located<Seen>[] = [];
  for await (const page of paginateDescribeInstances(
    { client: client(EC2Client) },
    { Filters: [{ Name: 'tag:recycle', Values: ['yes'] }] },
  )) {
    for (const { InstanceId } of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
      found.push({ target: `arn:aws:ec2:${io.region}:${io.account}:instance/${InstanceId ?? ''}` });
    }
  }
  return found;
}

export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const instanceId = target.split('/')[1] ?? '';
  const answer = await client(EC2Client).send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), {
    abortSignal: io.signal,
  });
  const [instance] = (answer.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []);
  const state = instance?.State?.Name;
  if (instance === undefined || state === undefined) throw new TerminalError(`${instanceId} has no state`);
  const tag = (key: string): string => (instance.Tags ?? []).find(({ Key }) => Key === key)?.Value ?? '';
  return { instanceId, state, ticket: request.ticket, stage: tag('recycle-stage'), flaw: tag('recycle-flaw') };
}

/** Smaller than EC2's own, so that four instances must wait for each other. */
const STARTS: Bucket = { name: 'ec2:StartInstances', perSecond: 0.5, burst: 4 };

const stop: Send = (input, io) =>
  client(EC2Client).send(new StopInstancesCommand(z.parse(ids, input)), { abortSignal: io.signal });

const start: Send = (input, io) =>
  client(EC2Client).send(new StartInstancesCommand(z.parse(ids, input)), { abortSignal: io.signal });

export const apply: { readonly [call: string]: Send | Change } = {
  // It has come into another state since it was looked at.
  'ec2:StopInstances': { send: stop, means: { IncorrectInstanceState: 'conflict' } },
  'ec2:StartInstances': { send: start, means: {}, paced: paced(STARTS) },
  'ec2:CreateTags': (input, io) =>
    client(EC2Client).send(new CreateTagsCommand(z.parse(tags, input)), { abortSignal: io.signal }),
};

/** Nothing to verify beyond what the next look sees. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}
