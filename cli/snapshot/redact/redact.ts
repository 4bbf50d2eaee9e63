/**
 * `--redact`: documents that can be given to somebody else. Ids, ARNs, accounts, names, values of tags, addresses, hosts and descriptions
 * are others, each the same one everywhere, so that a world still works: references are references, ids have their shapes, addresses
 * their networks, and times stay.
 *
 * Of AWS's records every text is somebody's unless it is known to be nobody's: a word of AWS's own enumerations, a type, a Region. Of
 * what is ours (ledgers, events, results) the words that identify are those that stand in AWS's records, or under a member that names.
 */

import { isRecord } from '../../../simulator/engine/json.ts';
import { SERVICES } from '../../../simulator/engine/services.ts';
import { Addresses } from './addresses.ts';
import { isDimension, isFixed, isKeyed, isNaming, isOpen, isSomebodys, isTagKey, memberOfTag } from './members.ts';
import { Names } from './names.ts';
import { mayIdentify, rewritten, type Hands } from './text.ts';
import { vocabulary } from './words.ts';

/** A document and what it is. */
export interface Document {
  /** `world`: a world file. `other`: an event, results. */
  readonly kind: 'other' | 'world';
  readonly value: unknown;
}

/** `aws`: AWS's record, in which every text counts. `ours`: what only names do. */
type Mode = 'aws' | 'ours';

const SECTIONS: ReadonlySet<string> = new Set(SERVICES.map(({ name }) => name));

/** Times, and texts without a letter or digit. */
const TIMELESS = /^(?:\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*|[^A-Za-z0-9]*)$/u;

function parsedJson(text: string): object | undefined {
  if (!/^\s*[[{]/u.test(text)) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Source: CloudWatch API_PutCompositeAlarm, AlarmRule. Names stand in quotes or bare. */
const ALARM_RULE = /\b(?:ALARM|OK|INSUFFICIENT_DATA)\(/u;

/** What has blanks in it is one name, or a sentence of somebody's: as a whole. */
function isPhrase(text: string): boolean {
  return /\S\s+\S/u.test(text) && !ALARM_RULE.test(text);
}

/** What a person has said why: beside who it was, or what was asked for. */
function isSaidBy(value: Record<string, unknown>): boolean {
  return 'by' in value || 'requestedBy' in value || ('runbook' in value && !('outcome' in value));
}

/** Members of a tag. Source: EC2 API_Tag; Auto Scaling API_TagDescription, which says whose it is and whether it is handed on. */
const OF_TAGS: ReadonlySet<string> = new Set(['Key', 'Value', 'PropagateAtLaunch', 'ResourceId', 'ResourceType']);

function isTag(value: Record<string, unknown>): value is Record<string, unknown> & { readonly Key: string } {
  const names = Object.keys(value);
  const isLike = names.length <= 4 || names.every((name) => OF_TAGS.has(name));
  return typeof value['Key'] === 'string' && value['Value'] !== undefined && isLike;
}

/** Goes through documents twice: to learn what is in them, and to write them anew. */
class Walk {
  readonly #words: ReadonlySet<string>;
  readonly #names: Names;
  readonly #addresses: Addresses;
  readonly #known: ReadonlySet<string>;
  readonly #isLearning: boolean;

  constructor(words: ReadonlySet<string>, store: Store, isLearning: boolean) {
    this.#words = words;
    this.#names = store.names;
    this.#addresses = store.addresses;
    this.#known = store.known;
    this.#isLearning = isLearning;
  }

  #hands(isAll: boolean): Hands {
    const [names, addresses] = [this.#names, this.#addresses];
    return {
      address: (text) => {
        if (!addresses.isOne(text)) return undefined;
        if (this.#isLearning) addresses.learn(text);
        return this.#isLearning ? text : addresses.moved(text);
      },
      id: (word) => {
        if (!this.#isLearning) return names.other(word);
        names.learn(word);
        return word;
      },
      word: (word) => {
        if (this.#known.has(word)) return word;
        if (this.#isLearning) {
          if (isAll && mayIdentify(word)) names.learn(word);
          return word;
        }
        return names.other(word);
      },
    };
  }

  #text(text: string, member: string, mode: Mode): string {
    const isTheirs = isSomebodys(member, text);
    if (TIMELESS.test(text) || (isFixed(member) && !isTheirs)) return text;
    const inside = parsedJson(text);
    if (inside !== undefined) return JSON.stringify(this.value(inside, member, mode));
    const isName = isNaming(member) || isTheirs;
    if (!isName && this.#words.has(text)) return text;
    if (!isName && isOpen(member)) return rewritten(this.#names.withoutPhrases(text), this.#hands(false));
    const isAll = mode === 'aws' || isName;
    if (isAll && this.#isLearning && isPhrase(text)) this.#names.learn(text);
    return rewritten(this.#names.withoutPhrases(text), this.#hands(isAll && !isPhrase(text)));
  }

  /** A key is a name only in a map of names; ids and addresses are what they are anywhere. */
  #key(key: string, isName: boolean): string {
    const hands = this.#hands(false);
    return rewritten(key, isName ? hands : { ...hands, word: (word) => word });
  }

  /** A value under a member's name. */
  value(value: unknown, member: string, mode: Mode): unknown {
    if (typeof value === 'string') return this.#text(value, member, mode);
    if (Array.isArray(value)) return value.map((one: unknown) => this.value(one, member, mode));
    return isRecord(value) ? this.#object(value, member, mode) : value;
  }

  #object(value: Record<string, unknown>, member: string, mode: Mode): Record<string, unknown> {
    const { Key: key, Value: tag, Namespace: namespace } = value;
    // Parameters of a command document are its protocol; those of the store have a value.
    if (member === 'Parameters' && tag === undefined) return value;
    // Attributes of load balancers have AWS's keys.
    if (typeof key === 'string' && member === 'Attributes') return { ...this.#members(value, member, mode), Key: key };
    if (isTag(value))
      return {
        ...this.#members(value, member, mode),
        Key: isTagKey(value.Key) ? value.Key : this.#text(value.Key, 'Key', mode),
        Value: this.#tag(value.Key, tag, mode),
      };
    if (member === 'Tags' || member === 'tags') return this.#tagMap(value, mode);
    // Metrics of AWS have AWS's names, in alarms and in what they send.
    const space = namespace ?? value['namespace'];
    const isOfAws = typeof space === 'string' && space.startsWith('AWS/');
    const isPair = 'Name' in value && 'Value' in value && Object.keys(value).length === 2;
    const isWord = isOfAws || isOpen(member) || (isPair && (member !== 'Dimensions' || isDimension(value['Name'])));
    const fixed = ['Name', 'name'].filter((name) => isWord && value[name] !== undefined);
    return { ...this.#members(value, member, mode), ...Object.fromEntries(fixed.map((name) => [name, value[name]])) };
  }

  #tagMap(value: Record<string, unknown>, mode: Mode): Record<string, unknown> {
    const tags = Object.entries(value).map(([name, one]) => {
      return [isTagKey(name) ? name : this.#text(name, 'Key', mode), this.#tag(name, one, mode)] as const;
    });
    return Object.fromEntries(tags);
  }

  #tag(key: string, value: unknown, mode: Mode): unknown {
    return typeof value === 'string' ? this.#text(value, memberOfTag(key), mode) : value;
  }

  #members(value: Record<string, unknown>, member: string, mode: Mode): Record<string, unknown> {
    const isName = isKeyed(member);
    const isSaid = isSaidBy(value);
    const members = Object.entries(value).map(([name, one]) => {
      const under = isSaid && name === 'reason' ? 'Comment' : name;
      return [this.#key(name, isName), this.value(one, under, mode)] as const;
    });
    return Object.fromEntries(members);
  }

  /** A world file: services are AWS's, all else is ours. */
  world(file: Record<string, unknown>): Record<string, unknown> {
    const parts = Object.entries(file).map(([name, part]): readonly [string, unknown] => {
      if (name === 'regions' && isRecord(part))
        return [
          name,
          Object.fromEntries(
            Object.entries(part).map(([region, own]) => [region, isRecord(own) ? this.world(own) : own]),
          ),
        ];
      if (name === 'region' || name === 'now' || name === '$schema') return [name, part];
      return [name, this.value(part, name, SECTIONS.has(name) ? 'aws' : 'ours')];
    });
    return Object.fromEntries(parts);
  }

  document({ kind, value }: Document): unknown {
    return kind === 'world' && isRecord(value) ? this.world(value) : this.value(value, '', 'ours');
  }
}

/** What is known of all documents. */
interface Store {
  readonly names: Names;
  readonly addresses: Addresses;
  /** Words that stay, although they may look like names: those of runbooks. */
  readonly known: ReadonlySet<string>;
}

/**
 * Learns what identifies in documents that belong together.
 * @param known names that are everybody's: those of the runbooks
 * @returns what writes one of them anew
 */
export async function redactor(
  documents: readonly Document[],
  known: readonly string[] = [],
): Promise<(document: Document) => unknown> {
  const words = await vocabulary();
  const store: Store = { names: new Names(), addresses: new Addresses(), known: new Set(known) };
  const learning = new Walk(words, store, true);
  for (const document of documents) learning.document(document);
  store.names.seal();
  const writing = new Walk(words, store, false);
  return (document) => writing.document(document);
}

/** A world file, redacted by itself. */
export async function redactedWorld(
  file: Record<string, unknown>,
  known: readonly string[] = [],
): Promise<Record<string, unknown>> {
  const document: Document = { kind: 'world', value: file };
  const written = (await redactor([document], known))(document);
  return isRecord(written) ? written : {};
}
