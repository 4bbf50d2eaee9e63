import { describe, expect, it } from 'vitest';
import { vcpuQuotaCode } from '../../../../shared/aws/ec2/vcpu-quotas.ts';

describe('the quota of vCPUs', () => {
  it.each([
    ['hpc7a.96xlarge', 'on-demand', 'L-F7808C92'],
    ['hpc7a.96xlarge', 'spot', undefined],
    ['c7i.48xlarge', 'on-demand', 'L-1216C47A'],
    ['c7i.48xlarge', 'spot', 'L-34B43A08'],
    ['p5.48xlarge', 'spot', 'L-C4BD4855'],
    ['p4d.24xlarge', 'spot', 'L-7212CCBC'],
    ['x2iedn.32xlarge', 'on-demand', 'L-7295265B'],
    ['mac2.metal', 'on-demand', undefined],
  ] as const)('of %s, %s, is %s', (type, market, code) => {
    expect(vcpuQuotaCode(type, market)).toBe(code);
  });
});
