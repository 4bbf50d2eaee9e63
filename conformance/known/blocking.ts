/** Known differences about AWS WAF. */

import type { Known } from './known.ts';

const API = 'https://docs.aws.amazon.com/waf/latest/APIReference';
const MARKER =
  'AWS WAF prints a marker with every page that holds something, with the last one, too; what comes after it is empty. Moto prints one only where there is more.';

export const blockingDifferences: readonly Known[] = [
  {
    operation: 'wafv2:ListWebACLs',
    where: ['NextMarker'],
    right: 'simulator',
    because: MARKER,
    source: 'https://github.com/boto/boto3/issues/3715',
  },
  {
    operation: 'wafv2:ListIPSets',
    where: ['error'],
    simulator: 'WAFInvalidParameterException',
    right: 'simulator',
    because:
      'What is for CloudFront is asked for in us-east-1; elsewhere the scope is not valid. Moto answers anywhere.',
    source: 'https://github.com/aws-solutions/aws-waf-security-automations/issues/300',
  },
  {
    operation: 'wafv2:GetWebACL',
    where: ['WebACL.ManagedByFirewallManager'],
    right: 'simulator',
    because: 'It says whether Firewall Manager looks after it, also where it does not. Moto leaves it out.',
    source: `${API}/API_WebACL.html`,
  },
];
