/**
 * The endpoint rules of the clients, cut down to what a Lambda function of ours can ask for: no FIPS, no dual stack.
 *
 * Rules are a decision diagram per client: `nodes` are triples (condition, next if it holds, next if not), numbers from
 * `RESULT` on name a result. The diagrams below are those of the SDK with the answers to `NEVER` filled in.
 */

import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';
import { z } from 'zod';

/** Parameters that are not set: FIPS and dual stack by nothing of ours, the last by commands we do not send. */
const NEVER = ['UseFIPS', 'UseDualStack', 'IsSearchOperation'] as const;
const RESULT = 100_000_000;
/** The first node of every diagram. */
const NO_MATCH = [-1, 1, -1];

const diagramSchema = z.object({
  nodes: z.array(z.int()),
  root: z.int(),
  conditions: z.array(z.tuple([z.string(), z.array(z.unknown())], z.string())),
  results: z.array(z.array(z.unknown())),
});

/** A client's endpoint rules. */
export type Diagram = z.infer<typeof diagramSchema>;

const neverSchema = z.union([
  z.tuple([z.literal('booleanEquals'), z.tuple([z.object({ ref: z.enum(NEVER) }), z.literal(true)])]),
  z.tuple([
    z.literal('booleanEquals'),
    z.tuple([
      z.object({ fn: z.literal('coalesce'), argv: z.tuple([z.object({ ref: z.enum(NEVER) }), z.literal(false)]) }),
      z.literal(true),
    ]),
  ]),
]);

/** Whether a condition holds for those only who set one of `NEVER`. */
export function isNever(condition: unknown): boolean {
  return neverSchema.safeParse(condition).success;
}

/** The same decisions for those for whom some conditions never hold: by default, for whoever sets none of `NEVER`. */
export function reduceDiagram(
  { nodes, root, conditions, results }: Diagram,
  isLeftOut: (condition: Diagram['conditions'][number]) => boolean = isNever,
): Diagram {
  const kept: Diagram = { nodes: [...NO_MATCH], root: 0, conditions: [], results: [] };
  const keep = <Item>(from: readonly Item[], to: Item[]): ((index: number) => number) => {
    const places = new Map<number, number>();
    return (index) => {
      const item = from[index];
      if (item === undefined) throw new Error(`the diagram has nothing at ${index}`);
      const place = places.get(index) ?? to.push(item) - 1;
      places.set(index, place);
      return place;
    };
  };
  const keepCondition = keep(conditions, kept.conditions);
  const keepResult = keep(results, kept.results);
  const places = new Map<number, number>([[1, 1]]);
  const walk = (reference: number): number => {
    if (reference >= RESULT) return RESULT + keepResult(reference - RESULT);
    const node = Math.abs(reference);
    const [condition = -1, high = 0, low = 0] = nodes.slice(3 * (node - 1), 3 * node);
    const asked = conditions[condition];
    // A negative reference takes the node the other way round.
    if (asked !== undefined && isLeftOut(asked)) return walk(reference > 0 ? low : high);
    const place = places.get(node) ?? kept.nodes.push(keepCondition(condition), walk(high), walk(low)) / 3;
    places.set(node, place);
    return reference > 0 ? place : -place;
  };
  return { ...kept, root: walk(root) };
}

/** Runs a module that imports nothing, and gives what it exports. */
async function evaluate(source: string): Promise<unknown> {
  const module: unknown = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  return module;
}

const DIAGRAM_IMPORT = 'import { BinaryDecisionDiagram } from "@smithy/core/endpoints";';
const NO_IMPORT =
  'const BinaryDecisionDiagram = { from: (nodes, root, conditions, results) => ({ nodes: [...nodes], root, conditions, results }) };';

/** The rules that a client's file declares. */
export async function readDiagram(source: string): Promise<Diagram> {
  return z.object({ bdd: diagramSchema }).parse(await evaluate(source.replace(DIAGRAM_IMPORT, NO_IMPORT))).bdd;
}

/** A client's file with these rules. */
export function rulesOf({ nodes, root, conditions, results }: Diagram): string {
  return `${DIAGRAM_IMPORT}\nexport const bdd = BinaryDecisionDiagram.from(new Int32Array(${JSON.stringify(nodes)}), ${root}, ${JSON.stringify(conditions)}, ${JSON.stringify(results)});`;
}

/**
 * DynamoDB has an endpoint for each account besides, which the SDK takes where the credentials or a table's ARN tell the account. Lambda's
 * credentials do not, we name tables by their names, and the endpoint of the Region answers alike.
 */
const OF_ACCOUNTS = ['AccountIdEndpointMode', 'AccountId', 'ResourceArn', 'ResourceArnList'] as const;

const ofAccountsSchema = z.tuple([z.literal('isSet'), z.tuple([z.object({ ref: z.enum(OF_ACCOUNTS) })])]);

function isOfAccounts([question, parameters]: Diagram['conditions'][number]): boolean {
  return ofAccountsSchema.safeParse([question, parameters]).success;
}

async function slimRules(source: string): Promise<string> {
  const whole = await readDiagram(source);
  const slim = reduceDiagram(whole, (condition) => isNever(condition) || isOfAccounts(condition));
  if (slim.conditions.length >= whole.conditions.length) throw new Error('neither FIPS nor dual stack is asked about');
  return rulesOf(slim);
}

const DECISION = 'let ref = root;';

/** The reduced rules give a wrong answer to whoever sets one of `NEVER` after all; so that one gets none. */
function guardDecision(source: string): string {
  if (source.split(DECISION).length !== 2) throw new Error(`expected ${DECISION} once`);
  const guard = `for (const name of ${JSON.stringify(NEVER)}) if (options.endpointParams[name]) throw new Error(name + ' is not part of this bundle; see build/slim-endpoints.ts');`;
  return source.replace(DECISION, `${guard} ${DECISION}`);
}

const partitionsSchema = z.object({
  partitionsInfo: z.strictObject({
    version: z.string(),
    partitions: z.array(
      z.strictObject({
        id: z.string(),
        outputs: z.record(z.string(), z.unknown()),
        regionRegex: z.string(),
        regions: z.record(z.string(), z.strictObject({ description: z.string() })),
      }),
    ),
  }),
});

/** Leaves out the regions that their partition's pattern finds as well. All that a list says of a region is its description. */
export async function slimPartitions(source: string): Promise<string> {
  const { version, partitions } = partitionsSchema.parse(await evaluate(source)).partitionsInfo;
  const found = (region: string): string | undefined =>
    partitions.find(({ regionRegex }) => new RegExp(regionRegex).test(region))?.id;
  const slim = partitions.map(({ regions, ...partition }) => {
    const unfound = Object.keys(regions).filter((region) => found(region) !== partition.id);
    return { ...partition, regions: Object.fromEntries(unfound.map((region) => [region, {}])) };
  });
  return `export const partitionsInfo = ${JSON.stringify({ version, partitions: slim })};`;
}

const SLIMMED: readonly { readonly filter: RegExp; readonly slim: (source: string) => string | Promise<string> }[] = [
  { filter: /[\\/]@aws-sdk[\\/]client-[\w-]+[\\/]dist-es[\\/]endpoint[\\/]bdd\.js$/, slim: slimRules },
  {
    filter: /[\\/]@smithy[\\/]core[\\/]dist-es[\\/].*[\\/]util-endpoints[\\/]decideEndpoint\.js$/,
    slim: guardDecision,
  },
  {
    filter: /[\\/]@aws-sdk[\\/]core[\\/]dist-es[\\/].*[\\/]util-endpoints[\\/].*[\\/]partitions\.js$/,
    slim: slimPartitions,
  },
];

/** Rules without FIPS and dual stack: about 1 KB of each client, 4 KB of DynamoDB's, which has none for accounts either. Partitions without their lists: 3 KB. */
export const slimEndpoints: Plugin = {
  name: 'slim-endpoints',
  setup(build) {
    for (const { filter, slim } of SLIMMED) {
      build.onLoad({ filter }, async ({ path }) => {
        try {
          return { contents: await slim(await readFile(path, 'utf8')), loader: 'js' };
        } catch (cause) {
          return { errors: [{ text: `${path}: ${String(cause)}; has the SDK changed its endpoint rules?` }] };
        }
      });
    }
  },
};
