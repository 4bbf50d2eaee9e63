/** A simulated account that stands still, and answers the SDK's clients as AWS would. */

import { bind } from '../../../simulator/engine/bind.ts';
import { copied } from '../../../simulator/engine/json.ts';
import {
  awsError,
  GLOBAL_REGION,
  type Clock,
  type ServiceModel,
  type Shape,
  type WorldData,
} from '../../../simulator/engine/model.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { createWorld, type SimulatedWorld } from '../../../simulator/engine/world.ts';
import type { ParsedWorld } from '../../../simulator/world/world-file.ts';

function stagesIn(data: WorldData): readonly Shape[] {
  return data['api-gateway']?.['Stages'] ?? [];
}

function idsOfStages(data: WorldData): readonly unknown[] {
  return [...new Set(stagesIn(data).map((one) => one['restApiId']))];
}

/** What the simulator's services hold, and no runbook lists: operations of the snapshot alone. */
const LISTINGS: { readonly [service: string]: ServiceModel['operations'] } = {
  'api-gateway': {
    GetRestApis: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/apigateway/latest/api/API_GetRestApis.html',
      run: (_input, { data }) => ({
        items: data['api-gateway']?.['RestApis'] ?? idsOfStages(data).map((id) => ({ id })),
      }),
    },
    GetStages: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/apigateway/latest/api/API_GetStages.html',
      run: ({ restApiId }, { data }) => ({
        item: stagesIn(data)
          .filter((one) => one['restApiId'] === restApiId)
          .map(({ restApiId: _api, FlushTakes: _takes, ...stage }) => stage),
      }),
    },
  },
  cloudfront: {
    ListDistributions: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_ListDistributions.html',
      run: (_input, { data }) => ({
        DistributionList: { Items: (data['cloudfront']?.['Distributions'] ?? []).map(({ Id }) => ({ Id })) },
      }),
    },
  },
  'auto-scaling': {
    DescribeWarmPool: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DescribeWarmPool.html',
      run: ({ AutoScalingGroupName: name }, { data }) => {
        const pool = data['auto-scaling']?.['WarmPools']?.find((one) => one['AutoScalingGroupName'] === name) ?? {};
        return { WarmPoolConfiguration: pool['WarmPoolConfiguration'], Instances: pool['Instances'] ?? [] };
      },
    },
  },
  fsx: {
    DescribeFileSystems: {
      kind: 'read',
      grade: 'documented',
      source: 'https://docs.aws.amazon.com/fsx/latest/APIReference/API_DescribeFileSystems.html',
      run: (_input, { data }) => ({ FileSystems: data['fsx']?.['FileSystems'] ?? [] }),
    },
  },
};

const services = SERVICES.map((service) => ({
  ...service,
  operations: { ...service.operations, ...LISTINGS[service.name] },
}));

/** What an account is made to do beside answering. */
export interface Trouble {
  /** Asked before each request, in the order in which they come; throws what AWS says instead. */
  readonly before?: (call: string, region: string, input: object) => void;
}

/** An account: what was asked, and the way to end it. */
export interface Standing {
  readonly world: SimulatedWorld;
  readonly asked: { readonly call: string; readonly region: string; readonly input: object }[];
  /** Time that passes: nothing happens meanwhile. */
  readonly wait: (ms: number) => Promise<void>;
  readonly end: () => void;
}

/** Makes AWS of this process the account that a world describes. To be ended. */
export function standing(parsed: ParsedWorld, { before = () => undefined }: Trouble = {}): Standing {
  let passedMs = 0;
  const now = (): number => parsed.nowMs + passedMs;
  const clock: Clock = { now, iso: () => new Date(now()).toISOString(), after: () => () => undefined };
  const world = createWorld(copied(parsed.data), {
    services,
    seed: 1,
    account: parsed.account,
    region: parsed.region,
    beside: copied(parsed.regions),
    clock,
  });
  const asked: { call: string; region: string; input: object }[] = [];
  const place = (region: string | undefined): SimulatedWorld => {
    const found = world.regions.get(region ?? world.region);
    if (found === undefined) throw awsError('UnrecognizedClientException', `there is nothing in ${String(region)}`);
    return found;
  };
  const end = bind({
    world,
    services,
    queue: {
      submit: async ({ call, region, run, input }) => {
        // The SDK finds the Region a moment later.
        await Promise.resolve();
        const where = region?.() ?? GLOBAL_REGION;
        asked.push({ call, region: where, input });
        before(call, where, input);
        return run(place(where));
      },
    },
    fatal: (error) => {
      throw error;
    },
  });
  const wait = async (ms: number): Promise<void> => {
    passedMs += ms;
    await Promise.resolve();
  };
  return { world, asked, wait, end };
}
