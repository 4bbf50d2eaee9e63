/**
 * Other words for those that identify: ids of the same shape, other accounts, `name-1` for names. The same word has the same other one
 * wherever it stands, and they are in the order of the first: who takes the first of several takes the same one. Pure.
 */

/** What a word is, as far as its shape tells it. */
type Kind = 'account' | 'hex' | 'mac' | 'name' | 'plain' | 'prefixed' | 'uuid' | 'upper';

/** Ids of EC2 and its like: `i-0a1`. Source: EC2 user guide, "Resource IDs". */
const PREFIXES =
  'acl|aclassoc|ami|cr|dopt|eipalloc|eipassoc|eni-attach|eni|exec|fs|i|igw|lt|mi|pcx|pg|pl|r|rtb|rtbassoc|sg|sgr|sir|snap|subnet|task|vol|vpc|vpc-cidr-assoc|subnet-cidr-assoc|cmd|sbr';

/** Its shape, as the tokens of a text are told apart. */
export const PREFIXED = new RegExp(`^(${PREFIXES})-([0-9a-f]{3,17})$`, 'u');

/** Those whose beginning is looked at, also where the rest is no id. */
const BEGINNING = /^(ami|eipalloc|eni|lt|sg|snap|subnet|vol|vpc)-([0-9a-z-]{1,17})$/u;
export const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/iu;

const SHAPES: readonly (readonly [Kind, RegExp])[] = [
  ['account', /^\d{12}$/u],
  ['uuid', UUID],
  ['mac', /^(?:[0-9a-f]{2}:){5}[0-9a-f]{2}$/iu],
  ['prefixed', PREFIXED],
  ['prefixed', BEGINNING],
  ['hex', /^(?=.*\d)[0-9a-f]{8,64}$/u],
  ['upper', /^(?=.*\d)[A-Z][A-Z0-9]{7,31}$/u],
  ['plain', /^(?=.*\d)(?=.*[a-z])[a-z0-9]{10}$/u],
];

function kindOf(word: string): Kind {
  return SHAPES.find(([, shape]) => shape.test(word))?.[0] ?? 'name';
}

/** Accounts of AWS's documentation. */
const ACCOUNTS = ['111122223333', '444455556666', '777788889999', '123456789012'];

function hex(count: number, length: number): string {
  return count.toString(16).padStart(length, '0').slice(-length);
}

function uuid(count: number): string {
  return `00000000-0000-4000-8000-${hex(count, 12)}`;
}

/** A candidate for the n-th word of a shape; `width`: digits that keep the order of all names. */
function candidate(kind: Kind, word: string, count: number, width: number): string {
  switch (kind) {
    case 'account':
      return ACCOUNTS[count - 1] ?? String(count).padStart(12, '0');
    case 'uuid':
      return uuid(count);
    case 'mac':
      return `02:00:00:${hex(count, 6).replaceAll(/(..)(?=.)/gu, '$1:')}`;
    case 'prefixed': {
      const [, prefix = '', digits = ''] = PREFIXED.exec(word) ?? BEGINNING.exec(word) ?? [];
      return `${prefix}-${hex(count, Math.max(digits.length, 3))}`;
    }
    case 'hex':
      return hex(count, word.length);
    case 'upper':
      return `${word.slice(0, 1)}${String(count).padStart(word.length - 1, '0')}`;
    case 'plain':
      return `a${String(count).padStart(9, '0')}`;
    default:
      return `name-${String(count).padStart(width, '0')}`;
  }
}

/** One series for each shape that is counted by itself. */
function seriesOf(kind: Kind, word: string): string {
  if (kind === 'prefixed') {
    const [, prefix = '', digits = ''] = PREFIXED.exec(word) ?? BEGINNING.exec(word) ?? [];
    return `prefixed ${prefix} ${Math.max(digits.length, 3)}`;
  }
  return kind === 'hex' || kind === 'upper'
    ? `${kind} ${word.length} ${kind === 'upper' ? word.slice(0, 1) : ''}`
    : kind;
}

/** Learns words, and has others for them. */
export class Names {
  readonly #words = new Set<string>();
  #others: ReadonlyMap<string, string> | undefined;
  #phrases: readonly string[] | undefined;

  /** Tells it of a word that identifies. */
  learn(word: string): void {
    this.#words.add(word);
  }

  /** Whether it has been told of it. */
  knows(word: string): boolean {
    return this.#words.has(word);
  }

  #made(): ReadonlyMap<string, string> {
    if (this.#others !== undefined) return this.#others;
    const series = new Map<string, string[]>();
    for (const word of [...this.#words].toSorted()) {
      const name = seriesOf(kindOf(word), word);
      series.set(name, [...(series.get(name) ?? []), word]);
    }
    const others = new Map<string, string>();
    for (const words of series.values()) {
      const width = String(words.length * 2).length;
      let count = 0;
      for (const word of words) {
        let other: string;
        // None of the new words is one of the old: what survives would be somebody's.
        do {
          count += 1;
          other = candidate(kindOf(word), word, count, width);
        } while (this.#words.has(other));
        others.set(word, other);
      }
    }
    this.#others = others;
    return others;
  }

  /** A text in which names of several words are others. */
  withoutPhrases(text: string): string {
    if (!/\s/u.test(text) || this.#others === undefined) return text;
    this.#phrases ??= [...this.#words]
      .filter((word) => /\s/u.test(word))
      .toSorted((one, two) => two.length - one.length);
    return this.#phrases.reduce((written, phrase) => written.replaceAll(phrase, () => this.other(phrase)), text);
  }

  /** From now on it has others for what it has learned. */
  seal(): void {
    this.#made();
  }

  /** The other word; the same where it was not told of it. */
  other(word: string): string {
    return this.#made().get(word) ?? word;
  }
}
