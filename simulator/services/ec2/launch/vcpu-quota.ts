/**
 * The quotas of vCPUs that run, by family and market, as far as the world says them (`service-quotas.Quotas`).
 */

import { vcpuQuotaCode, type QuotaMarket } from '../../../../shared/aws/ec2/vcpu-quotas.ts';
import { awsError, NotSimulatedError, type Shape, type World } from '../../../engine/model.ts';
import { quotaOf } from '../../service-quotas.ts';
import { find, part, records, stateOf, text } from '../state.ts';

/** Options of a CPU do not change what counts. Assumed. */
function vcpusOf(world: World, type: string): number {
  const count = part(find(world, 'InstanceTypes', type), 'VCpuInfo')['DefaultVCpus'];
  if (typeof count === 'number') return count;
  throw new NotSimulatedError(
    `a quota of vCPUs beside ${type}, whose VCpuInfo.DefaultVCpus is not in ec2.InstanceTypes`,
  );
}

function marketOf(instance: Shape): QuotaMarket {
  return instance['InstanceLifecycle'] === 'spot' ? 'spot' : 'on-demand';
}

const COUNTED: ReadonlySet<string> = new Set(['pending', 'running']);

/** vCPUs that count toward a quota: what runs, and what is reserved and stands empty. */
function used(world: World, code: string, market: QuotaMarket): number {
  const isCounted = (type: string): boolean => vcpuQuotaCode(type, market) === code;
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
export function roomInQuota(world: World, type: string, market: QuotaMarket): number {
  const code = vcpuQuotaCode(type, market);
  const limit = code === undefined ? undefined : quotaOf(world, 'ec2', code);
  if (code === undefined || limit === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(0, Math.floor((limit - used(world, code, market)) / vcpusOf(world, type)));
}

/** The error of a launch beyond the quota. */
export function quotaExceeded(world: World, type: string, market: QuotaMarket): Error {
  if (market === 'spot') return awsError('MaxSpotInstanceCountExceeded', 'Max spot instance count exceeded');
  const limit = quotaOf(world, 'ec2', vcpuQuotaCode(type, market) ?? '') ?? 0;
  return awsError(
    'VcpuLimitExceeded',
    `You have requested more vCPU capacity than your current vCPU limit of ${limit} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.`,
  );
}
