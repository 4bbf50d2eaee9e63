/** Service Quotas: what the world says of limits, which the services hold to, and who asks for one is told. */

import { z } from 'zod';
import { awsError, type Operation, type ServiceModel, type Shape, type World } from '../engine/model.ts';
import { TRIMMINGS } from './pasted.ts';

const SERVICE = 'service-quotas';

/** `list-service-quotas` output as it is. */
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

function recordOf(world: World, service: string, code: string): Shape | undefined {
  return world
    .records(SERVICE, 'Quotas')
    .find((each) => each['QuotaCode'] === code && (each['ServiceCode'] ?? 'ec2') === service);
}

/** The value of a quota; `undefined`: the world does not say. */
export function quotaOf(world: World, service: string, code: string): number | undefined {
  const found = recordOf(world, service, code);
  return typeof found?.['Value'] === 'number' ? found['Value'] : undefined;
}

/** A quota that the world does not say is unlimited to the services; asked for, it is one that has no applied value. */
function getServiceQuota(input: Shape, world: World): object {
  const [service, code] = [String(input['ServiceCode']), String(input['QuotaCode'])];
  const found = recordOf(world, service, code);
  if (found === undefined) {
    world.assume('service-quotas: a quota that the world does not list has no applied value, and limits nothing');
    throw awsError('NoSuchResourceException', 'The request failed because the specified service does not exist.');
  }
  const QuotaArn = `arn:aws:servicequotas:${world.region}:${world.account}:${service}/${code}`;
  return { Quota: { ServiceCode: service, QuotaArn, ...structuredClone(found) } };
}

const operations: { readonly [operation: string]: Operation } = {
  GetServiceQuota: {
    kind: 'read',
    grade: 'documented',
    source: 'https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html',
    run: getServiceQuota,
  },
};

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
  operations,
};
