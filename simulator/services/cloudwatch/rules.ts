/** The rule of a composite alarm: ALARM("x"), OK("x"), INSUFFICIENT_DATA("x"), TRUE, FALSE, AND, OR, NOT, parentheses. */

import type { AlarmState } from './state.ts';

/** State of an alarm by name; `undefined` if there is none of that name, `UNKNOWN` if there is one of which nothing else is known. */
type StateLookup = (alarmName: string) => AlarmState | 'UNKNOWN' | undefined;

export interface Rule {
  /** Alarms the rule names, by name; an ARN in the rule is reduced to its name. */
  readonly children: readonly string[];
  /** `undefined`: it depends on an alarm of which nothing is known. */
  readonly holds: (stateOf: StateLookup) => boolean | undefined;
}

type Node = (stateOf: StateLookup) => boolean | undefined;

/** As `||`, where one side may be unknown. */
function either(left: boolean | undefined, right: boolean | undefined): boolean | undefined {
  if (left === true || right === true) return true;
  return left === undefined || right === undefined ? undefined : false;
}

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

const TOKEN =
  /\s*(?:(\(|\))|(AND|OR|NOT|TRUE|FALSE)\b|(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]+)"|'([^']+)'|([^)\s]+))\s*\))/uy;

type Token =
  | { readonly kind: 'symbol' | 'word'; readonly text: string }
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string };

const nameOf = (alarm: string): string => (alarm.startsWith('arn:') ? (alarm.split(':alarm:').at(1) ?? alarm) : alarm);

function tokens(rule: string): Token[] {
  const found: Token[] = [];
  let at = 0;
  while (rule.slice(at).trim() !== '') {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(rule);
    if (match === null)
      throw new Error(
        `at character ${at + 1}: ${JSON.stringify(rule.slice(at, at + 30))} is not part of an alarm rule`,
      );
    at = TOKEN.lastIndex;
    const [, symbol, word, state, ...quoted] = match;
    const alarm = quoted.find((each) => each !== undefined);
    if (symbol !== undefined) found.push({ kind: 'symbol', text: symbol });
    else if (word !== undefined) found.push({ kind: 'word', text: word });
    else if (alarm !== undefined && (state === 'ALARM' || state === 'OK' || state === 'INSUFFICIENT_DATA'))
      found.push({ kind: 'state', state, alarm: nameOf(alarm) });
  }
  return found;
}

/** Precedence, tightest first: NOT, AND, OR. */
class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(rule: string) {
    this.#tokens = tokens(rule);
  }

  #takes(text: string): boolean {
    const token = this.#tokens[this.#at];
    const same = token !== undefined && token.kind !== 'state' && token.text === text;
    if (same) this.#at += 1;
    return same;
  }

  whole(): Node {
    const node = this.#either();
    if (this.#at < this.#tokens.length)
      throw new Error('the rule goes on after its end: AND or OR is missing, or a parenthesis is too much');
    return node;
  }

  #either(): Node {
    let node = this.#both();
    while (this.#takes('OR')) {
      const left = node;
      const right = this.#both();
      node = (stateOf) => either(left(stateOf), right(stateOf));
    }
    return node;
  }

  #both(): Node {
    let node = this.#single();
    while (this.#takes('AND')) {
      const left = node;
      const right = this.#single();
      node = (stateOf) => negated(either(negated(left(stateOf)), negated(right(stateOf))));
    }
    return node;
  }

  #single(): Node {
    if (this.#takes('NOT')) {
      const inner = this.#single();
      return (stateOf) => negated(inner(stateOf));
    }
    if (this.#takes('TRUE')) return () => true;
    if (this.#takes('FALSE')) return () => false;
    if (this.#takes('(')) {
      const inner = this.#either();
      if (!this.#takes(')')) throw new Error('a closing parenthesis is missing');
      return inner;
    }
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'state') throw new Error('an alarm state, TRUE, FALSE, NOT or ( is missing');
    this.#at += 1;
    return (stateOf) => {
      const state = stateOf(token.alarm);
      return state === 'UNKNOWN' ? undefined : state === token.state;
    };
  }
}

/**
 * Reads a rule.
 * @throws `Error` that says what is wrong and where
 */
export function parseRule(rule: string): Rule {
  const children = tokens(rule).flatMap((token) => (token.kind === 'state' ? [token.alarm] : []));
  return { children: [...new Set(children)], holds: new Parser(rule).whole() };
}
