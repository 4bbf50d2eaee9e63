/**
 * The quotas of vCPUs that run, by family and market, as far as the world says them (`service-quotas.Quotas`).
 * Source: https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
 */

import { awsError, NotSimulatedError, type Shape, type World } from '../../../engine/model.ts';
import { quotaOf } from '../../service-quotas.ts';
import { find, part, records, stateOf, text } from '../state.ts';

type Market = 'on-demand' | 'spot';

interface Family {
  /** How the names of its types begin. */
  readonly prefix: RegExp;
  readonly codes: { readonly [M in Market]?: string };
}

/** The first that fits; letters of the standard family last. */
const FAMILIES: readonly Family[] = [
  { prefix: /^hpc/u, codes: { 'on-demand': 'L-F7808C92' } },
  { prefix: /^p5/u, codes: { 'on-demand': 'L-417A185B', spot: 'L-C4BD4855' } },
  { prefix: /^p\d/u, codes: { 'on-demand': 'L-417A185B', spot: 'L-7212CCBC' } },
  { prefix: /^(?:g\d|gr\d|vt)/u, codes: { 'on-demand': 'L-DB2E81BA', spot: 'L-3819A6DF' } },
  { prefix: /^dl/u, codes: { 'on-demand': 'L-6E869C2A', spot: 'L-85EED4F7' } },
  { prefix: /^inf/u, codes: { 'on-demand': 'L-1945791B', spot: 'L-B5D1601B' } },
  { prefix: /^trn/u, codes: { 'on-demand': 'L-2C3B7624', spot: 'L-6B0D517C' } },
  { prefix: /^f\d/u, codes: { 'on-demand': 'L-74FC7D96', spot: 'L-88CF9481' } },
  { prefix: /^u\d?-/u, codes: { 'on-demand': 'L-43DA4232' } },
  { prefix: /^x\d/u, codes: { 'on-demand': 'L-7295265B', spot: 'L-E3A00192' } },
  { prefix: /^(?:[acdhimrtz]\d|im|is)/u, codes: { 'on-demand': 'L-1216C47A', spot: 'L-34B43A08' } },
];

function codeOf(type: string, market: Market): string | undefined {
  return FAMILIES.find(({ prefix }) => prefix.test(type))?.codes[market];
}

/** Options of a CPU do not change what counts. Assumed. */
function vcpusOf(world: World, type: string): number {
  const count = part(find(world, 'InstanceTypes', type), 'VCpuInfo')['DefaultVCpus'];
  if (typeof count === 'number') return count;
  throw new NotSimulatedError(
    `a quota of vCPUs beside ${type}, whose VCpuInfo.DefaultVCpus is not in ec2.InstanceTypes`,
  );
}

function marketOf(instance: Shape): Market {
  return instance['InstanceLifecycle'] === 'spot' ? 'spot' : 'on-demand';
}

const COUNTED: ReadonlySet<string> = new Set(['pending', 'running']);

/** vCPUs that count toward a quota: what runs, and what is reserved and stands empty. */
function used(world: World, code: string, market: Market): number {
  const isCounted = (type: string): boolean => codeOf(type, market) === code;
  const running = records(world, 'Instances')
    .filter((instance) => COUNTED.has(stateOf(instance)) && marketOf(instance) === market)
    .flatMap((instance) => text(instance, 'InstanceType') ?? [])
    .filter(isCounted)
    .reduce((sum, type) => sum + vcpusOf(world, type), 0);
  if (market === 'spot') return running;
  return records(world, 'CapacityReservations')
    .filter((each) => each['State'] === 'active' && isCounted(text(each, 'InstanceType') ?? ''))
    .reduce(
      (sum, each) =>
        sum + Number(each['AvailableInstanceCount'] ?? 0) * vcpusOf(world, text(each, 'InstanceType') ?? ''),
      running,
    );
}

/** How many instances of a type the quota leaves room for beside what runs; infinite where the world states none. */
export function roomInQuota(world: World, type: string, market: Market): number {
  const code = codeOf(type, market);
  const limit = code === undefined ? undefined : quotaOf(world, 'ec2', code);
  if (code === undefined || limit === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor((limit - used(world, code, market)) / vcpusOf(world, type)));
}

/** The error of a launch beyond the quota. */
export function quotaExceeded(world: World, type: string, market: Market): Error {
  if (market === 'spot') return awsError('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded');
  const limit = quotaOf(world, 'ec2', codeOf(type, market) ?? '') ?? 0;
  return awsError(
    'VcpuLimitExceeded',
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );
}
