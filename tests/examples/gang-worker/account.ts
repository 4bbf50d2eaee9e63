/** An account for the worker's script: one queue, the ledger and the instances of a few gangs, in memory and in real time. */

import { search } from '@aws-lambda-powertools/jmespath';
import { z } from 'zod';

/** The launch template, the queue and the size of its gangs. */
export const TEMPLATE = 'lt-0c1d2e3f4a5b60718';
export const QUEUE = 'mpi-jobs';

/** An instance of a gang. */
export interface Node {
  readonly id: string;
  readonly gang: string;
  readonly index: number;
  readonly address: string;
  readonly market: 'on-demand' | 'spot';
  readonly nodesPerJob: number;
  state: 'running' | 'shutting-down';
  isProtected: boolean;
  /** A Spot notice has come. */
  isNoticed: boolean;
  mounts: Record<string, string>;
  efa: readonly string[];
}

/** A message of the queue. */
interface Message {
  readonly id: string;
  readonly body: string;
  handle: string;
  visibleAtMs: number;
  receivedAtMs: number;
  receives: number;
}

/** What goes wrong with a call: its effect is there and its answer is lost, or AWS refuses it. */
export interface Fault {
  /** Words of the command line, all of which are there. */
  readonly of: readonly string[];
  readonly node?: string;
  readonly effect: 'answer lost' | 'refused';
  times: number;
}

/** What a program prints, and how it ends. */
export interface Reply {
  readonly code: number;
  readonly text: string;
}

const item = z.object({
  pk: z.object({ S: z.string() }),
  sk: z.object({ S: z.string() }),
  version: z.object({ N: z.string() }),
  value: z.object({ S: z.string() }),
  layout: z.object({ N: z.literal('1') }),
  ttl: z.object({ N: z.string() }),
});
type Item = z.infer<typeof item>;

const keySchema = item.pick({ pk: true, sk: true });
const seenSchema = z.object({ ':seen': z.object({ N: z.string() }) });
const prefixSchema = z.object({ ':attest': z.object({ S: z.string() }), ':gang': z.object({ S: z.string() }) });

/** What AWS says no with. */
class Refusal extends Error {}

/** What SQS takes for a time that is over: such a message can be received. */
const HIDDEN_LIMIT_SECONDS = 43_200;

/** Options of a command line by their names, each with its values. */
function optionsOf(words: readonly string[]): Map<string, string[]> {
  const options = new Map<string, string[]>();
  let values: string[] = [];
  for (const word of words) {
    if (!word.startsWith('--')) values.push(word);
    else options.set(word, (values = []));
  }
  return options;
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'None';
  if (!Array.isArray(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  if (value.some((one) => Array.isArray(one))) return value.map(textOf).join('\n');
  return value.map(textOf).join('\t');
}

/** The account. */
export class Account {
  readonly nodes: Node[] = [];
  readonly messages: Message[] = [];
  readonly items = new Map<string, Item>();
  readonly faults: Fault[] = [];
  /** Each call that had an effect: the node, the operation, and what tells it from others. */
  readonly calls: string[] = [];
  /** Called after each of them, before it is answered. */
  onChange: (what: string) => void = () => undefined;
  /** No longer than this SQS hides a message from when it was received. */
  hiddenLimitSeconds = HIDDEN_LIMIT_SECONDS;
  #handles = 0;

  /** A gang that the runbook has noted. */
  gang(
    gang: string,
    nodesPerJob: number,
    { market = 'on-demand', state = 'up' }: { market?: Node['market']; state?: string } = {},
  ): Node[] {
    const nodes = Array.from({ length: nodesPerJob }, (_, index): Node => {
      const id = `i-${gang.slice(0, 8)}${index}`;
      const address = `10.0.${this.nodes.length}.${9 - index}`;
      const machine = { mounts: {}, efa: [], state: 'running' as const, isProtected: false, isNoticed: false };
      return { id, gang, index, address, market, nodesPerJob, ...machine };
    });
    this.nodes.push(...nodes);
    this.write('hpc-gang', `${TEMPLATE}/${gang}`, { state, nodes: nodesPerJob, queue: QUEUE });
    return nodes;
  }

  send(body: string): Message {
    const id = `message-${this.messages.length}`;
    const message = { id, body, handle: '', visibleAtMs: 0, receivedAtMs: 0, receives: 0 };
    this.messages.push(message);
    return message;
  }

  write(partition: string, key: string, value: object): void {
    const version = Number(this.items.get(`${partition} ${key}`)?.version.N ?? '0') + 1;
    this.items.set(`${partition} ${key}`, {
      pk: { S: partition },
      sk: { S: key },
      version: { N: String(version) },
      value: { S: JSON.stringify(value) },
      layout: { N: '1' },
      ttl: { N: '2000000000' },
    });
  }

  /** The value of an item; `undefined`: there is none. */
  value(partition: string, key: string): unknown {
    const stored = this.items.get(`${partition} ${key}`);
    return stored === undefined ? undefined : JSON.parse(stored.value.S);
  }

  /** What a program of a node prints. */
  answer(id: string, program: string, words: readonly string[]): Reply {
    const node = this.nodes.find((one) => one.id === id);
    if (node === undefined) return { code: 1, text: `${id}?` };
    if (program === 'curl') return metadata(node, words);
    if (program === 'fi_info')
      return { code: 0, text: node.efa.map((name) => `provider: efa\n    domain: ${name}\n`).join('') };
    if (program === 'findmnt') return mountOf(node, words.at(-1) ?? '');
    const fault = this.faults.find(
      ({ of, node: at, times }) =>
        times > 0 && (at === undefined || at === id) && of.every((word) => words.includes(word)),
    );
    if (fault !== undefined) fault.times -= 1;
    if (fault?.effect === 'refused') return said(words, 'UnauthorizedOperation');
    try {
      const { query = [''] } = { query: optionsOf(words).get('--query') };
      const reply = this.#call(node, words);
      if (fault !== undefined) return { code: 255, text: '\nCould not connect to the endpoint URL\n' };
      const text =
        query[0] === undefined || query[0] === '' ? '' : textOf(search(query[0], JSON.parse(JSON.stringify(reply))));
      return { code: 0, text: text === '' ? '' : `${text}\n` };
    } catch (error) {
      if (error instanceof Refusal) return said(words, error.message);
      throw error;
    }
  }

  #call(node: Node, [service = '', operation = '', ...rest]: readonly string[]): object {
    const options = optionsOf(rest);
    const option = (name: string): string => options.get(`--${name}`)?.[0] ?? '';
    switch (`${service} ${operation}`) {
      case 'ec2 describe-instances':
        return this.#describe(options);
      case 'ec2 modify-instance-attribute':
        return this.#protect(node, option('instance-id'), options.has('--disable-api-termination'));
      case 'dynamodb get-item': {
        const { pk, sk } = keySchema.parse(JSON.parse(option('key')));
        const Item = this.items.get(`${pk.S} ${sk.S}`);
        return Item === undefined ? {} : { Item };
      }
      case 'dynamodb put-item':
        return this.#put(node, item.parse(JSON.parse(option('item'))), options);
      case 'dynamodb query': {
        const { ':attest': at, ':gang': prefix } = prefixSchema.parse(
          JSON.parse(option('expression-attribute-values')),
        );
        return { Items: [...this.items.values()].filter(({ pk, sk }) => pk.S === at.S && sk.S.startsWith(prefix.S)) };
      }
      case 'sqs get-queue-url':
        if (option('queue-name') !== QUEUE) throw new Refusal('QueueDoesNotExist');
        return { QueueUrl: `https://sqs/${QUEUE}` };
      case 'sqs get-queue-attributes':
        return { Attributes: { ApproximateNumberOfMessages: String(this.#visible().length) } };
      case 'sqs receive-message':
        return this.#receive(node, Number(option('visibility-timeout')));
      case 'sqs change-message-visibility':
        return this.#hide(node, option('receipt-handle'), Number(option('visibility-timeout')));
      case 'sqs delete-message':
        return this.#delete(node, option('receipt-handle'));
      default:
        throw new Error(`${service} ${operation} is not known here`);
    }
  }

  #describe(options: Map<string, string[]>): object {
    const ids = options.get('--instance-ids');
    const filters = new Map(
      (options.get('--filters') ?? []).map((one) => {
        const [, name = '', values = ''] = /^Name=(.*),Values=(.*)$/u.exec(one) ?? [];
        return [name, values.split(',')];
      }),
    );
    const found = this.nodes.filter(
      ({ id, gang, state }) =>
        (ids === undefined || ids.includes(id)) &&
        (filters.get('tag:runbook:run') ?? [`scale-hpc-fleet/${gang}`]).includes(`scale-hpc-fleet/${gang}`) &&
        (filters.get('instance-state-name') ?? [state]).includes(state),
    );
    // EC2 promises no order.
    return { Reservations: [{ Instances: found.toReversed().map(shown) }] };
  }

  #protect(node: Node, id: string, isProtected: boolean): object {
    if (id !== node.id) throw new Refusal('UnauthorizedOperation');
    node.isProtected = isProtected;
    this.#changed(`${node.id} ${isProtected ? 'protects itself' : 'gives the protection back'}`);
    return {};
  }

  #put(node: Node, written: Item, options: Map<string, string[]>): object {
    const key = `${written.pk.S} ${written.sk.S}`;
    const stored = this.items.get(key);
    const isAsSeen =
      options.get('--condition-expression')?.[0] === 'attribute_not_exists(pk)'
        ? stored === undefined
        : stored?.version.N ===
          seenSchema.parse(JSON.parse(options.get('--expression-attribute-values')?.[0] ?? ''))[':seen'].N;
    if (!isAsSeen) throw new Refusal('ConditionalCheckFailedException');
    this.items.set(key, written);
    this.#changed(`${node.id} writes ${written.pk.S} ${written.value.S}`);
    return {};
  }

  #changed(what: string): void {
    this.calls.push(what);
    this.onChange(what);
  }

  #visible(): Message[] {
    return this.messages.filter(({ visibleAtMs }) => visibleAtMs <= Date.now());
  }

  #receive(node: Node, seconds: number): object {
    const [message] = this.#visible();
    if (message === undefined) return {};
    message.receives += 1;
    message.receivedAtMs = Date.now();
    message.visibleAtMs = Date.now() + seconds * 1_000;
    this.#handles += 1;
    message.handle = `AQEB${this.#handles}+/==`;
    this.#changed(`${node.id} receives ${message.id}`);
    return { Messages: [{ MessageId: message.id, ReceiptHandle: message.handle, Body: message.body }] };
  }

  #hide(node: Node, handle: string, seconds: number): object {
    const message = this.messages.find((one) => one.handle === handle);
    if (message === undefined || message.visibleAtMs <= Date.now()) throw new Refusal('MessageNotInflight');
    const untilMs = Date.now() + seconds * 1_000;
    if (untilMs > message.receivedAtMs + this.hiddenLimitSeconds * 1_000) throw new Refusal('InvalidParameterValue');
    message.visibleAtMs = untilMs;
    this.#changed(`${node.id} hides ${message.id} for ${seconds} s`);
    return {};
  }

  /** A handle that is not the newest deletes nothing, and is no error. */
  #delete(node: Node, handle: string): object {
    const index = this.messages.findIndex((one) => one.handle === handle);
    if (index !== -1) this.#changed(`${node.id} deletes ${this.messages.splice(index, 1)[0]?.id}`);
    return {};
  }
}

function said([, operation = '']: readonly string[], code: string): Reply {
  return { code: 254, text: `\nAn error occurred (${code}) when calling the ${operation} operation: no\n` };
}

function shown(node: Node): object {
  const tags = {
    'runbook:run': `scale-hpc-fleet/${node.gang}`,
    'runbook:hpc-queue': QUEUE,
    'runbook:nodes-per-job': String(node.nodesPerJob),
    'aws:ec2launchtemplate:id': TEMPLATE,
  };
  return {
    InstanceId: node.id,
    AmiLaunchIndex: node.index,
    PrivateIpAddress: node.address,
    Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    ...(node.market === 'spot' ? { InstanceLifecycle: 'spot' } : {}),
  };
}

const NOT_FOUND = 22;

function metadata(node: Node, words: readonly string[]): Reply {
  const path = words.at(-1)?.split('/latest/')[1];
  const known = new Map([
    ['api/token', 'token'],
    ['meta-data/instance-id', node.id],
    ['meta-data/ami-launch-index', String(node.index)],
    ['meta-data/placement/region', 'eu-west-1'],
    ...(node.isNoticed ? [['meta-data/spot/instance-action', '{"action":"terminate"}'] as const] : []),
  ]);
  const isAllowed = path === 'api/token' ? words.includes('PUT') : words.some((word) => word.endsWith('token: token'));
  const text = isAllowed ? known.get(path ?? '') : undefined;
  return text === undefined ? { code: NOT_FOUND, text: '' } : { code: 0, text };
}

function mountOf({ mounts }: Node, path: string): Reply {
  const type = mounts[path];
  return type === undefined ? { code: 1, text: '' } : { code: 0, text: `${type}\n` };
}
