/**
 * S3's client without what reading an object out of a bucket never comes to: 20 KB of endpoint rules for access points, directory
 * buckets and acceleration, and what writes XML. Each says so should it be reached after all.
 */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { isNever, readDiagram, reduceDiagram, rulesOf, type Diagram } from './slim-endpoints.ts';

/** Parameters of the rules that are not set: by settings of the client, or by commands, that nothing of ours uses. */
const NEVER_SET = ['Accelerate', 'UseGlobalEndpoint', 'UseObjectLambdaEndpoint', 'UseS3ExpressControlEndpoint'];

/** How names end, or begin, that are no bucket's: directory buckets, their access points, S3 on Outposts, ARNs. */
const OTHER_NAMES = ['--x-s3', '--xa-s3', '--op-s3', 'arn:'];
const NO_BUCKET = String.raw`/^arn:|--(?:xa?|op)-s3$/`;

type Condition = Diagram['conditions'][number];

function asksAbout([, argument]: Condition): string {
  return JSON.stringify(argument);
}

/** What never holds for a bucket by its name, with none of `NEVER_SET`. */
function isNeverOfBuckets(condition: Condition): boolean {
  const [question] = condition;
  const asked = asksAbout(condition);
  if (question === 'aws.parseArn') return true;
  if (question === 'stringEquals') return OTHER_NAMES.some((name) => asked.endsWith(`,${JSON.stringify(name)}]`));
  return question === 'booleanEquals' && NEVER_SET.some((name) => asked.includes(`{"ref":${JSON.stringify(name)}}`));
}

async function slimRules(source: string): Promise<string> {
  const whole = await readDiagram(source);
  const slim = reduceDiagram(whole, (condition) => isNever(condition) || isNeverOfBuckets(condition));
  if (slim.conditions.length * 2 > whole.conditions.length) throw new Error('the rules of buckets are not told apart');
  return rulesOf(slim);
}

const RESOLVER = 'export const defaultEndpointResolver = (endpointParams, context = {}) => {';

/** The reduced rules would send a request for something else to a bucket of that name. */
function guardResolver(source: string): string {
  if (source.split(RESOLVER).length !== 2) throw new Error(`expected ${RESOLVER} once`);
  const guard = `
  const isOther = ${JSON.stringify(NEVER_SET)}.some((name) => endpointParams[name]) || ${NO_BUCKET}.test(endpointParams.Bucket ?? '');
  if (isOther) throw new Error('only buckets by their names are part of this bundle; see build/slim-s3.ts');`;
  return source.replace(RESOLVER, `${RESOLVER}${guard}`);
}

const SAYS = "throw new Error(why + ' is not part of this bundle; see build/slim-s3.ts');";

/** It is made with the client; what reads an object writes no XML. */
const NO_XML = `
  const missing = (why) => { ${SAYS} };
  export class XmlShapeSerializer {
    setSerdeContext() {}
    write() { missing('XML in a request'); }
    flush() { missing('XML in a request'); }
  }
`;

/** Sessions of directory buckets: made with the client, asked for when one is read. */
const NO_SESSIONS = `
  const missing = (why) => { ${SAYS} };
  export class S3ExpressIdentityProviderImpl { getS3ExpressIdentity() { missing('a session of a directory bucket'); } }
`;

/** The fallback for a Node without crypto. */
const NO_SHA1 = `
  const missing = (why) => { ${SAYS} };
  export class Sha1Js { constructor() { missing('SHA-1 in JavaScript'); } }
`;

/** Keys that a customer sends with each request. */
const NO_CUSTOMER_KEYS = `
  const missing = (why) => { ${SAYS} };
  export const ssecMiddlewareOptions = { name: 'ssecMiddleware', step: 'initialize', tags: ['SSE'], override: true };
  export const ssecMiddleware = () => (next) => (args) =>
    args.input.SSECustomerKey === undefined ? next(args) : missing('a key of a customer');
  export const getSsecPlugin = () => ({
    applyToStack: (stack) => stack.add(ssecMiddleware(), ssecMiddlewareOptions),
  });
  export const isValidBase64EncodedSSECustomerKey = () => false;
`;

const SLIMMED: readonly { readonly filter: RegExp; readonly slim: (source: string) => string | Promise<string> }[] = [
  { filter: /[\\/]@aws-sdk[\\/]client-s3[\\/]dist-es[\\/]endpoint[\\/]bdd\.js$/, slim: slimRules },
  { filter: /[\\/]@aws-sdk[\\/]client-s3[\\/]dist-es[\\/]endpoint[\\/]endpointResolver\.js$/, slim: guardResolver },
  { filter: /[\\/]@aws-sdk[\\/]core[\\/]dist-es[\\/].*[\\/]xml[\\/]XmlShapeSerializer\.js$/, slim: () => NO_XML },
  {
    filter: /[\\/]@aws-sdk[\\/]middleware-sdk-s3[\\/].*[\\/]S3ExpressIdentityProviderImpl\.js$/,
    slim: () => NO_SESSIONS,
  },
  { filter: /[\\/]middleware-ssec[\\/]middleware-ssec\.js$/, slim: () => NO_CUSTOMER_KEYS },
  { filter: /[\\/]@aws-sdk[\\/]checksums[\\/]dist-es[\\/].*[\\/]Sha1Js\.js$/, slim: () => NO_SHA1 },
];

/** Before `slim-endpoints`, which has rules of its own for every client. */
export const slimS3: Plugin = {
  name: 'slim-s3',
  setup(build) {
    for (const { filter, slim } of SLIMMED) {
      build.onLoad({ filter }, async ({ path }) => {
        try {
          return { contents: await slim(await readFile(path, 'utf8')), loader: 'js' };
        } catch (error) {
          return { errors: [{ text: `${path}: ${String(error)}; has the SDK changed?` }] };
        }
      });
    }
  },
};
