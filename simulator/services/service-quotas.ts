/** Service Quotas: what the world says of limits, which the services hold to. Nobody here asks for them yet. */

import { z } from 'zod';
import type { ServiceModel, World } from '../engine/model.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'service-quotas';

/** `list-service-quotas` output as it is; the SDK's client of this service is not installed, so its members stand here. */
const quota = z.strictObject({
  ServiceCode: z.string().optional().describe('Default ec2.'),
  ServiceName: z.string().optional(),
  QuotaArn: z.string().optional(),
  QuotaCode: z.string().min(1),
  QuotaName: z.string().optional(),
  Value: z.number().min(0),
  Unit: z.string().optional(),
  Adjustable: z.boolean().optional(),
  GlobalQuota: z.boolean().optional(),
  UsageMetric: z.unknown().optional(),
  Period: z.unknown().optional(),
  ErrorReason: z.unknown().optional(),
  QuotaAppliedAtLevel: z.string().optional(),
  QuotaContext: z.unknown().optional(),
  Description: z.string().optional(),
});

/** The value of a quota; `undefined`: the world does not say. */
export function quotaOf(world: World, service: string, code: string): number | undefined {
  const found = world
    .records(SERVICE, 'Quotas')
    .find((each) => each['QuotaCode'] === code && (each['ServiceCode'] ?? 'ec2') === service);
  return typeof found?.['Value'] === 'number' ? found['Value'] : undefined;
}

export const serviceQuotas: ServiceModel = {
  name: SERVICE,
  prefix: 'servicequotas',
  schema: z.strictObject({
    ...TRIMMINGS,
    Quotas: z
      .array(quota)
      .optional()
      .describe(
        'list-service-quotas output as it is: vCPUs of instances (L-1216C47A …). What is not listed is unlimited.',
      ),
    Quota: quota.optional().describe('get-service-quota output as it is.'),
  }),
  collections: { Quotas: 'QuotaCode' },
  outputs: { Quota: 'Quotas' },
  operations: {},
};
