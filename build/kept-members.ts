/** Structures of which we send or read a few members, cut down to those: a gang's launch, and whether an object is there. */

import { elementsOf } from './slim-members.ts';

const STRING_CONSTANT = /^const (_\w+) = ("[^"\\\n]*");$/gmu;

/** By schema the members that stay. What is left out cannot be sent: `tests/build/kept-members.test.ts` looks that nothing of ours does. */
export const KEPT_MEMBERS: { readonly [schema: string]: readonly string[] } = {
  HeadObjectOutput$: [],
  HeadObjectRequest$: ['Bucket', 'Key'],
  RunInstancesRequest$: [
    'CapacityReservationSpecification',
    'ClientToken',
    'DisableApiTermination',
    'InstanceMarketOptions',
    'InstanceType',
    'LaunchTemplate',
    'MaxCount',
    'MinCount',
    'NetworkInterfaces',
    'Placement',
    'SubnetId',
    'TagSpecifications',
  ],
};

/** Kind, namespace, name, traits, names of members, their schemas, how many of them there have to be. */
function cut(
  schema: string,
  text: string,
  constants: ReadonlyMap<string, string>,
  isKept: (name: string) => boolean,
): string {
  const [kind, namespace, name, traits, names = '', types = '', demanded = '0'] = elementsOf(text.slice(1, -1));
  const members = elementsOf(names.slice(1, -1)).map((constant) => constants.get(constant) ?? constant);
  const schemas = elementsOf(types.slice(1, -1));
  if (members.length !== schemas.length || members.length === 0)
    throw new Error(
      `${schema}: ${members.length} members and ${schemas.length} schemas; has the SDK changed its layout?`,
    );
  const kept = members.flatMap((member, index) => (isKept(member) ? [{ member, type: schemas[index], index }] : []));
  const left = kept.filter(({ index }) => index < Number(demanded)).length;
  const [own, of] = [kept.map(({ member }) => JSON.stringify(member)), kept.map(({ type }) => type)];
  return `[${[kind, namespace, name, traits, `[${own.join(', ')}]`, `[${of.join(', ')}]`, left].join(', ')}]`;
}

/** A client's schema file with those structures cut: 5 KB of S3's and EC2's that are in the bundle of `scale-hpc-fleet`. */
export function keepMembers(source: string): string {
  const constants = new Map<string, string>();
  for (const [, name = '', text = '""'] of source.matchAll(STRING_CONSTANT)) constants.set(name, text.slice(1, -1));
  return Object.entries(KEPT_MEMBERS).reduce((text, [schema, kept]) => {
    const declaration = new RegExp(`^(export var ${schema.replace('$', String.raw`\$`)} = )(\\[[\\s\\S]*?\\]);$`, 'mu');
    return text.replace(
      declaration,
      (_whole, head: string, array: string) =>
        `${head}${cut(schema, array, constants, (name) => kept.includes(name))};`,
    );
  }, source);
}
