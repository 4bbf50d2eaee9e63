/** Bundled by `bundles.test.ts` with every client: where each sends its requests, for all that decides it. */

/** All partitions, their global regions, one that is new and some that are none. */
const REGIONS: readonly (string | undefined)[] = [
  'eu-west-1',
  'us-east-1',
  'mx-central-1',
  'cn-north-1',
  'cn-northwest-1',
  'us-gov-west-1',
  'us-gov-east-1',
  'eusc-de-east-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'eu-isoe-west-1',
  'us-isof-south-1',
  'aws-global',
  'aws-cn-global',
  'aws-us-gov-global',
  'aws-iso-global',
  'us-new-9',
  'local',
  'nowhere',
  'no host',
  undefined,
];
const ENDPOINTS = [undefined, 'http://127.0.0.1:4566', 'https://dynamodb.eu-west-1.api.aws'];
const ARN = 'arn:aws:dynamodb:eu-west-1:210987654321:table/control';

/** What further parameters decide it. */
const FURTHER: Readonly<Record<string, Readonly<Record<string, readonly unknown[]>>>> = {
  EventBridgeClient: { EndpointId: [undefined, 'abc.veo', 'no host!'] },
  DynamoDBClient: {
    AccountId: [undefined, '123456789012', 'no host!'],
    AccountIdEndpointMode: [undefined, 'preferred', 'disabled', 'required'],
    ResourceArn: [undefined, 'control', ARN, ARN.replace('eu-west-1', 'us-east-1'), ARN.replace('dynamodb', 's3')],
    ResourceArnList: [undefined, [], ['control'], [ARN, 'control']],
  },
};

function combinations(choices: Readonly<Record<string, readonly unknown[]>>): Record<string, unknown>[] {
  return Object.entries(choices).reduce<Record<string, unknown>[]>(
    (sets, [name, values]) => sets.flatMap((set) => values.map((value) => ({ ...set, [name]: value }))),
    [{}],
  );
}

/** Where a client would send a request, or why to nowhere. */
function place(client: { readonly config: object }, parameters: object): unknown {
  const provide: unknown = Reflect.get(client.config, 'endpointProvider');
  if (typeof provide !== 'function') throw new TypeError('a client without endpointProvider');
  try {
    const found: unknown = Reflect.apply(provide, undefined, [parameters, {}]);
    return found;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every client's endpoint by its parameters; `extra` is set beside them. */
export function placesOf(
  clients: Readonly<Record<string, new (settings: object) => { readonly config: object }>>,
  extra: object,
): Record<string, unknown> {
  const places: Record<string, unknown> = {};
  for (const [name, Client] of Object.entries(clients)) {
    const client = new Client({});
    for (const parameters of combinations({ Region: REGIONS, Endpoint: ENDPOINTS, ...FURTHER[name] })) {
      const all = { ...parameters, ...extra };
      places[`${name} ${JSON.stringify(all)}`] = place(client, all);
    }
  }
  return places;
}
