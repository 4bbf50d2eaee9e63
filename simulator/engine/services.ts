/** The simulated services. A further one is one more line, and its folder. */

import { apiGateway, apiGatewayV2 } from '../services/api-gateway.ts';
import { autoScaling } from '../services/auto-scaling/auto-scaling.ts';
import { batch } from '../services/batch/batch.ts';
import { cloudFront } from '../services/cloudfront/cloudfront.ts';
import { cloudWatch } from '../services/cloudwatch/cloudwatch.ts';
import { dataSync } from '../services/datasync.ts';
import { dax } from '../services/dax.ts';
import { ec2 } from '../services/ec2/ec2.ts';
import { elasticLoadBalancingV2 } from '../services/elastic-load-balancing-v2/elastic-load-balancing-v2.ts';
import { elastiCache } from '../services/elasticache/elasticache.ts';
import { eventBridge } from '../services/eventbridge/eventbridge.ts';
import { fsx } from '../services/fsx.ts';
import { kms } from '../services/kms.ts';
import { lambda } from '../services/lambda/lambda.ts';
import { resourceGroupsTaggingApi } from '../services/resource-groups-tagging-api.ts';
import type { ServiceModel } from './model.ts';
import { s3 } from '../services/s3/s3.ts';
import { scheduler } from '../services/scheduler.ts';
import { serviceQuotas } from '../services/service-quotas.ts';
import { sns } from '../services/sns.ts';
import { sqs } from '../services/sqs/sqs.ts';
import { ssm } from '../services/ssm/ssm.ts';
import { wafV2 } from '../services/wafv2/wafv2.ts';

/** In the order in which they start: a service may rely on what those before it have completed. */
export const SERVICES: readonly ServiceModel[] = [
  ec2,
  apiGateway,
  apiGatewayV2,
  autoScaling,
  batch,
  cloudFront,
  cloudWatch,
  dataSync,
  dax,
  elasticLoadBalancingV2,
  elastiCache,
  eventBridge,
  fsx,
  kms,
  lambda,
  resourceGroupsTaggingApi,
  s3,
  scheduler,
  serviceQuotas,
  sns,
  sqs,
  ssm,
  wafV2,
];
