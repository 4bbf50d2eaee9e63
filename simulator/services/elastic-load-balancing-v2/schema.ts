/** Elastic Load Balancing's part of a world file: load balancers as DescribeLoadBalancers prints them. */

import {
  IpAddressType,
  LoadBalancer$,
  LoadBalancerSchemeEnum,
  LoadBalancerStateEnum,
  LoadBalancerTypeEnum,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { z } from 'zod';
import { recordSchema } from '../ec2/shape.ts';
import { TRIMMINGS } from '../pasted.ts';

const loadBalancer = recordSchema(LoadBalancer$, 'LoadBalancerArn', {
  LoadBalancer: {
    IpAddressType: z.enum(IpAddressType).describe('Default: ipv4.'),
    Scheme: z.enum(LoadBalancerSchemeEnum).describe('Default: internet-facing.'),
    Type: z.enum(LoadBalancerTypeEnum).describe('Default: as its ARN says.'),
  },
  LoadBalancerState: { Code: z.enum(LoadBalancerStateEnum).describe('Default: active.') },
});

export const elasticLoadBalancingV2Schema = z.strictObject({
  ...TRIMMINGS,
  LoadBalancers: z
    .array(loadBalancer)
    .optional()
    .describe(
      'Of the second version: applications, networks, gateways. Its networks are not held against those of ec2.',
    ),
});
