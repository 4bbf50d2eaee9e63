/** The DynamoDB requests behind each request to the control ledger, and the partitions they touch. */

/** What one request to the ledger may send, in whatever branch it takes. */
export interface LedgerAccess {
  readonly action: string;
  /** Values of `dynamodb:LeadingKeys`. */
  readonly partition: string;
}

const READ_RESOURCE: LedgerAccess = { action: 'dynamodb:GetItem', partition: 'resource' };
const WRITE_RESOURCE: LedgerAccess = { action: 'dynamodb:UpdateItem', partition: 'resource' };

/** What one request to the data ledger sends; the partition is that of the request. */
export const DATA_ACCESS: { readonly [call: string]: string } = {
  'ledger:read': 'dynamodb:GetItem',
  'ledger:list': 'dynamodb:Query',
  'ledger:write': 'dynamodb:PutItem',
};

/** By the call's name in a simulated run. `tests/house/iam/ledger.test.ts` holds this equal to what `shared/kernel/ledger/dynamodb.ts` sends. */
export const LEDGER_ACCESS: { readonly [call: string]: readonly LedgerAccess[] } = {
  'ledger:switches': [{ action: 'dynamodb:Query', partition: 'switch' }],
  'ledger:modes': [{ action: 'dynamodb:Query', partition: 'mode' }],
  'ledger:createMode': [{ action: 'dynamodb:PutItem', partition: 'mode' }],
  'ledger:hasActed': [{ action: 'dynamodb:Query', partition: 'run' }],
  'ledger:resource': [READ_RESOURCE],
  'ledger:resources': [{ action: 'dynamodb:Query', partition: 'resource' }],
  'ledger:approval': [{ action: 'dynamodb:GetItem', partition: 'approval/kim' }],
  'ledger:acquire': [WRITE_RESOURCE, READ_RESOURCE],
  'ledger:renew': [WRITE_RESOURCE],
  'ledger:release': [WRITE_RESOURCE],
  'ledger:remember': [WRITE_RESOURCE],
  'ledger:book': [{ action: 'dynamodb:UpdateItem', partition: 'bucket' }],
  'ledger:record': ['run', 'run-by-day', 'run-by-target'].map((partition) => ({
    action: 'dynamodb:PutItem',
    partition,
  })),
};

/** What a run sends besides: the mode is read beside the switch, and written by the first run of a stack. */
export const BESIDE: { readonly [call: string]: readonly string[] } = {
  'ledger:switches': ['ledger:modes', 'ledger:createMode', 'ledger:hasActed'],
};
