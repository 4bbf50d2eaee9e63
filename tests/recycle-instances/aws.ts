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

/** The client of a Region; that of home is the one without a Region of its own. */
function ec2In(region: string, io: Io): EC2Client {
  return client(EC2Client, region === io.region ? {} : { region });
}

async function locateIn(region: string, io: Io): Promise<readonly Located<Seen>[]> {
  const found: Located<Seen>[] = [];
  for await (const page of paginateDescribeInstances(
    { client: ec2In(region, io) },
    { Filters: [{ Name: 'tag:recycle', Values: ['yes'] }] },
  )) {
    for (const { InstanceId } of (page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? [])) {
      found.push({ target: `arn:aws:ec2:${region}:${io.account}:instance/${InstanceId ?? ''}` });
    }
  }
  return found;
}

export const locate = (_request: Request, io: Io): Promise<readonly Located<Seen>[]> => locateIn(io.region, io);

export async function observe(target: string, request: Request, io: Io): Promise<Seen> {
  const [, , , region = '', , resource = ''] = target.split(':');
  const instanceId = resource.split('/')[1] ?? '';
  const answer = await ec2In(region, io).send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), {
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

/** Sends what changes an instance, by the client that it is to be sent by. */
type SendBy = (instanceId: string | undefined, io: Io, send: (ec2: EC2Client) => Promise<unknown>) => Promise<unknown>;

const byHome: SendBy = (_instanceId, io, send) => send(ec2In(io.region, io));

function changes(sendBy: SendBy, pace: Pick<Change, 'paced'>): { readonly [call: string]: Send | Change } {
  const stop: Send = (input, io) => {
    const command = new StopInstancesCommand(z.parse(ids, input));
    return sendBy(command.input.InstanceIds?.[0], io, (ec2) => ec2.send(command, { abortSignal: io.signal }));
  };
  const start: Send = (input, io) => {
    const command = new StartInstancesCommand(z.parse(ids, input));
    return sendBy(command.input.InstanceIds?.[0], io, (ec2) => ec2.send(command, { abortSignal: io.signal }));
  };
  const mark: Send = (input, io) => {
    const command = new CreateTagsCommand(z.parse(tags, input));
    return sendBy(command.input.Resources?.[0], io, (ec2) => ec2.send(command, { abortSignal: io.signal }));
  };
  return {
    // It has come into another state since it was looked at.
    'ec2:StopInstances': { send: stop, means: { IncorrectInstanceState: 'conflict' } },
    'ec2:StartInstances': { send: start, means: {}, ...pace },
    'ec2:CreateTags': mark,
  };
}

export const apply = changes(byHome, { paced: paced(STARTS) });

/** For fleets of hundreds, which have more to wait for than their starts. */
export const applyAtOnce = changes(byHome, {});

/** Nothing to verify beyond what the next look sees. */
export function verify(): Promise<Verification> {
  return Promise.resolve({ ok: true });
}

/**
 * Looks and acts at home and in other Regions. A target says its Region, a call does not: EC2 is asked who has the instance, whose
 * id is no other's in any Region.
 */
export function everywhere(beside: readonly string[]) {
  const byWhoHasIt: SendBy = async (instanceId, io, send) => {
    for (const region of [io.region, ...beside]) {
      const ec2 = ec2In(region, io);
      const asked = new DescribeInstancesCommand({ Filters: [{ Name: 'instance-id', Values: [instanceId ?? ''] }] });
      const { Reservations = [] } = await ec2.send(asked, { abortSignal: io.signal });
      if (Reservations.length > 0) return send(ec2);
    }
    throw new TerminalError(`${instanceId ?? 'an instance without id'} is in no Region that was asked`);
  };
  return {
    locate: async (_request: Request, io: Io): Promise<readonly Located<Seen>[]> => {
      const found = await Promise.all([io.region, ...beside].map((region) => locateIn(region, io)));
      return found.flat();
    },
    observe,
    apply: changes(byWhoHasIt, { paced: paced(STARTS) }),
    verify,
  };
}
