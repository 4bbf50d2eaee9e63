/**
 * HTML as values. Text becomes text and nothing else: there is no way to put markup, an attribute of another name or a line of
 * script through here, whatever AWS or a person has written. Pure.
 */

import { printable } from '../../shared/kernel/printable.ts';
import { withoutFeeds } from '../layout.ts';

/** Elements that pages are made of. None that loads, runs, embeds or sends anything. */
type Tag =
  | 'a'
  | 'article'
  | 'caption'
  | 'circle'
  | 'code'
  | 'dd'
  | 'defs'
  | 'desc'
  | 'details'
  | 'div'
  | 'dl'
  | 'dt'
  | 'figure'
  | 'figcaption'
  | 'footer'
  | 'h1'
  | 'h2'
  | 'h3'
  | 'h4'
  | 'header'
  | 'li'
  | 'line'
  | 'main'
  | 'nav'
  | 'ol'
  | 'p'
  | 'path'
  | 'pattern'
  | 'pre'
  | 'rect'
  | 'section'
  | 'span'
  | 'strong'
  | 'summary'
  | 'svg'
  | 'table'
  | 'tbody'
  | 'td'
  | 'text'
  | 'th'
  | 'thead'
  | 'time'
  | 'title'
  | 'tr'
  | 'ul';

/** Attributes that they may have. No `style`, no handler, and `href` only as `link` writes it. */
type Attribute =
  | 'aria-describedby'
  | 'aria-hidden'
  | 'aria-label'
  | 'aria-labelledby'
  | 'class'
  | 'd'
  | 'datetime'
  | 'fill'
  | 'height'
  | 'href'
  | 'id'
  | 'patternUnits'
  | 'r'
  | 'rel'
  | 'role'
  | 'rx'
  | 'scope'
  | 'tabindex'
  | 'text-anchor'
  | 'width'
  | 'x'
  | 'x1'
  | 'x2'
  | 'y'
  | 'y1'
  | 'y2';

type Attributes = { readonly [name in Attribute]?: string | number };

/** An element. */
interface Element {
  readonly tag: Tag;
  readonly attributes: Attributes;
  readonly children: readonly Markup[];
}

/** What stands in a page: text, or an element. */
export type Markup = string | Element;

const ENTITIES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands between tags and in quotes: what a browser would obey, or hide, is written out. */
export function escaped(text: string): string {
  return printable(text).replaceAll(/[&<>"']/gu, (character) => ENTITIES[character] ?? '');
}

/** An element with attributes. */
export function el(tag: Tag, attributes: Attributes, ...children: readonly Markup[]): Markup {
  return { tag, attributes, children };
}

/** An element of a class. */
export function styled(tag: Tag, name: string, ...children: readonly Markup[]): Markup {
  return el(tag, { class: name }, ...children);
}

/** Where a link may lead: within the page, or to a server that is asked over TLS. */
const LEADS = /^(?:#[\w-]+|https:\/\/[\w.-]+(?:[/?#]\S*)?)$/u;

/** A link; what leads elsewhere stays text. */
export function link(href: string, text: string): Markup {
  if (!LEADS.test(href)) return text;
  return el('a', href.startsWith('#') ? { href } : { href, rel: 'noreferrer' }, text);
}

/** A name that is made of our own words and numbers, for `id`. */
export function idIn(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9-]+/gu, '-');
}

/** SVG's elements that have nothing in them, and HTML has none here. */
const VOID: ReadonlySet<Tag> = new Set(['circle', 'line', 'path', 'rect']);

function attributesText(attributes: Attributes): string {
  return Object.entries(attributes)
    .map(([name, value]) => ` ${name}="${escaped(withoutFeeds(String(value)))}"`)
    .join('');
}

/** Elements that a reader of the source finds on lines of their own. */
const ON_OWN_LINES: ReadonlySet<Tag> = new Set(['article', 'details', 'figure', 'li', 'section', 'svg', 'table', 'tr']);

/** A page's part as it is written. Only within `pre` a line ends where the text says so. */
export function rendered(markup: Markup, keepsFeeds = false): string {
  if (typeof markup === 'string') return escaped(keepsFeeds ? markup : withoutFeeds(markup));
  const { tag, attributes, children } = markup;
  const open = `<${tag}${attributesText(attributes)}`;
  const inner = children.map((child) => rendered(child, keepsFeeds || tag === 'pre')).join('');
  const text = VOID.has(tag) ? `${open}/>` : `${open}>${inner}</${tag}>`;
  return ON_OWN_LINES.has(tag) ? `\n${text}` : text;
}

/**
 * A section with its heading. `level`: of the heading; below it those that are one lower. On a page of several reports it is no landmark:
 * a dozen of the same name lead nowhere.
 */
export function section(id: string, level: 2 | 3, title: string, ...children: readonly Markup[]): Markup {
  const heading = `${id}-heading`;
  const named = level === 2 ? { 'aria-labelledby': heading } : {};
  return el('section', { id, ...named }, el(`h${level}`, { id: heading }, title), ...children);
}
