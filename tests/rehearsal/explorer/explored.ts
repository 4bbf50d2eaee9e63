/** Small functions to explore, right and wrong, and a drill around them. */

import {
  AssociateAddressCommand,
  CreateTagsCommand,
  DescribeAddressesCommand,
  DescribeInstancesCommand,
  EC2Client,
  ReleaseAddressCommand,
} from '@aws-sdk/client-ec2';
import { client, surroundings } from '../../../shared/aws/clients.ts';
import type { Outcome } from '../../../shared/kernel/decision.ts';
import { parseExpectation } from '../../../rehearsal/expect.ts';
import type { Drill } from '../../../rehearsal/drill.ts';
import type { RulesByRunbook } from '../../../rehearsal/runbooks.ts';
import type { DeployedFunction } from '../../../simulator/engine/run-types.ts';
import { parseWorld } from '../../../simulator/world/world-file.ts';
import { deploy, REQUEST, TWO_INSTANCES } from '../../simulator/deploy.ts';

const [down, up] = TWO_INSTANCES.ec2.Instances;

/** The address is on an instance that is down; the other is up. */
export function drill(expect: object = {}, events: readonly object[] = [REQUEST]): Drill {
  const Instances = [{ ...down, State: { Name: 'stopped' } }, up];
  return {
    name: 'one-is-down',
    directory: '',
    title: 'One of two instances is down',
    events: events.map((event) => ({ event, afterMs: 0 })),
    world: parseWorld({ ...TWO_INSTANCES, ec2: { ...TWO_INSTANCES.ec2, Instances } }),
    expect: parseExpectation({ results: [], final: { 'ec2/Addresses/eipalloc-01/InstanceId': 'i-0b2' }, ...expect }),
  };
}

/** What is permitted to all of them: a second delivery may give the address to the same instance again. */
export const RULES: RulesByRunbook = {
  'probe-function': {
    differences: [],
    surplus: [
      {
        call: 'ec2:AssociateAddress',
        perFault: 0,
        againPerDuplicate: 1,
        againWithoutLedger: 1,
        because: 'to the computed holder: a second one by a concurrent run leaves the same association',
      },
    ],
  },
};

function say(outcome: Outcome): void {
  const result = {
    runbook: 'probe-function',
    run: 'run',
    target: 'eipalloc-01',
    outcome,
    reason: `${outcome}: said`,
    evidence: {},
    plan: [],
    phases: [],
  };
  surroundings().write(JSON.stringify({ message: 'outcome', level: 'INFO', at: new Date().toISOString(), result }));
}

interface Seen {
  readonly holder: string;
  readonly good: readonly string[];
}

async function look(): Promise<Seen> {
  const ec2 = client(EC2Client);
  const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({}));
  const instances = Reservations.flatMap((reservation) => reservation.Instances ?? []);
  return {
    holder: Addresses[0]?.InstanceId ?? '',
    good: instances.filter(({ State }) => State?.Name === 'running').map(({ InstanceId }) => InstanceId ?? ''),
  };
}

async function give(InstanceId: string): Promise<void> {
  await client(EC2Client).send(
    new AssociateAddressCommand({ AllocationId: 'eipalloc-01', InstanceId, AllowReassociation: true }),
  );
}

function proceeding(fn: DeployedFunction): DeployedFunction {
  return { ...fn, summary: { ...fn.summary, ledgerLost: 'proceed' } };
}

/** Computes who should hold the address; a repeat finds it done. Says what it is about before it acts, so that its death is no silence. */
export const computing: DeployedFunction = proceeding(
  deploy(async () => {
    const { holder, good } = await look();
    if (good.includes(holder)) return say('nothing');
    say('waiting');
    await give(good[0] ?? '');
    return say('done');
  }),
);

/** Gives the address to whoever does not have it: right once, wrong twice. */
export const toggling: DeployedFunction = proceeding(
  deploy(async () => {
    const { holder } = await look();
    await give(holder === 'i-0a1' ? 'i-0b2' : 'i-0a1');
    return say('done');
  }),
);

/** Counts its runs in a tag: each repeat counts again. */
export const counting: DeployedFunction = proceeding(
  deploy(async () => {
    const ec2 = client(EC2Client);
    await give('i-0b2');
    const { Addresses = [] } = await ec2.send(new DescribeAddressesCommand({}));
    const runs = Number(Addresses[0]?.Tags?.find(({ Key }) => Key === 'runs')?.Value ?? '0');
    await ec2.send(
      new CreateTagsCommand({ Resources: ['eipalloc-01'], Tags: [{ Key: 'runs', Value: String(runs + 1) }] }),
    );
    return say('done');
  }),
);

/** Swallows what AWS says and reports success. */
export const swallowing: DeployedFunction = proceeding(
  deploy(async () => {
    await give('i-0b2').catch(() => undefined);
    return say('done');
  }),
);

/** Computes as well, but a repeat that finds it done says nothing of it. */
export const silent: DeployedFunction = proceeding(
  deploy(async () => {
    const { holder, good } = await look();
    if (good.includes(holder)) return say('nothing');
    await give(good[0] ?? '');
    return say('done');
  }),
);

/** Asks for something the simulator does not know. */
export const straying: DeployedFunction = proceeding(
  deploy(async () => {
    await give('i-0b2');
    await client(EC2Client).send(new ReleaseAddressCommand({ AllocationId: 'eipalloc-01' }));
  }),
);

let runsOfTheSandbox = 0;

/** Remembers in its module how often it ran: no run is like the one before. */
export const remembering: DeployedFunction = proceeding(
  deploy(async () => {
    runsOfTheSandbox += 1;
    await client(EC2Client).send(
      new CreateTagsCommand({ Resources: ['eipalloc-01'], Tags: [{ Key: 'runs', Value: String(runsOfTheSandbox) }] }),
    );
    await give('i-0b2');
    return say('done');
  }),
);
