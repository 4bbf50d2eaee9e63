/** Which load balancers there are. */

import { DescribeLoadBalancersCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Scenario } from '../scenario.ts';

const BALANCERS = ['web', 'shop'] as const;
const OTHER = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:loadbalancer/app/other/00000000000000ff';

export const loadBalancerScenarios: readonly Scenario[] = [
  {
    name: 'load balancers are described: all, by ARN, by name',
    seed: { loadBalancers: BALANCERS },
    play: async ({ balancing, id }) => {
      await balancing(new DescribeLoadBalancersCommand({}));
      await balancing(new DescribeLoadBalancersCommand({ LoadBalancerArns: [id('shop')] }));
      await balancing(new DescribeLoadBalancersCommand({ Names: ['web'] }));
    },
  },
  {
    name: 'load balancers are described page by page',
    seed: { loadBalancers: BALANCERS },
    play: async ({ balancing, fact, unnoted }) => {
      const read = (Marker?: string) =>
        unnoted(() => balancing(new DescribeLoadBalancersCommand({ PageSize: 1, Marker })));
      const first = await read();
      const second = await read(first?.NextMarker);
      const pages = [first, second].map((page) => page?.LoadBalancers?.length);
      fact('load balancers of two pages', pages.join(' '));
      fact('a third page', second?.NextMarker !== undefined);
    },
  },
  {
    name: 'a load balancer that is not there is an error, by ARN and by name',
    seed: { loadBalancers: BALANCERS },
    play: async ({ balancing }) => {
      await balancing(new DescribeLoadBalancersCommand({ LoadBalancerArns: [OTHER] }));
      await balancing(new DescribeLoadBalancersCommand({ Names: ['other'] }));
    },
  },
];
