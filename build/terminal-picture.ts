/** Draws what the command prints as the terminal shows it: `npm run picture` writes the README's pictures. */

import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** A command line and how much of what it prints is shown. */
interface Picture {
  readonly file: string;
  readonly argv: readonly string[];
  /** Lines shown of its beginning, and of its end; what is between them is left out. */
  readonly lines: readonly [first: number, last: number];
}

const PICTURES: readonly Picture[] = [
  // The table, and what it comes to.
  { file: 'docs/whatif.svg', argv: ['whatif', 'examples/company.json'], lines: [17, 2] },
  // The story from the alarm to the outcome.
  { file: 'docs/drill.svg', argv: ['drill', 'instance-dies'], lines: [24, 0] },
];
const COLUMNS = 120;
const CHARACTER_PX = 7.8;
const LINE_PX = 18;
const MARGIN_PX = 16;

/** Select Graphic Rendition codes, as the command's colour library writes them. */
const COLOURS: { readonly [code: string]: string } = {
  '31': '#f47067',
  '32': '#8ddb8c',
  '33': '#e3b341',
  '34': '#6cb6ff',
  '35': '#dcbdfb',
  '36': '#76e3ea',
  '90': '#8b949e',
};

interface Style {
  readonly colour: string;
  readonly bold: boolean;
  readonly dim: boolean;
}

const PLAIN: Style = { colour: '#d1d7e0', bold: false, dim: false };

function styled(style: Style, code: string): Style {
  if (code === '1') return { ...style, bold: true };
  if (code === '2') return { ...style, dim: true };
  if (code === '22') return { ...style, bold: false, dim: false };
  if (code === '39') return { ...style, colour: PLAIN.colour };
  if (code === '0' || code === '') return PLAIN;
  return { ...style, colour: COLOURS[code] ?? style.colour };
}

/** Blanks as those that nobody collapses: browsers heed `xml:space` no more, and columns would run into one another. */
function escaped(text: string): string {
  const markup = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return markup.replaceAll(' ', '&#160;');
}

function span(text: string, { colour, bold, dim }: Style): string {
  return `<tspan fill="${colour}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}>${escaped(text)}</tspan>`;
}

/** A colour sequence of the terminal: escape, bracket, codes. Built, because a control character in a pattern cannot be seen. */
const ESCAPE = String.fromCodePoint(0x1b);
const SEQUENCE = new RegExp(`${ESCAPE}\\[([\\d;]*)m`, 'u');

/** One terminal line as SVG. Each part is placed by its column, so that the picture does not depend on a font's widths. */
function drawLine(line: string, row: number): string {
  const y = MARGIN_PX + LINE_PX * (row + 1);
  let style = PLAIN;
  let column = 0;
  const parts: string[] = [];
  for (const [index, part] of line.split(SEQUENCE).entries()) {
    if (index % 2 === 1) for (const code of part.split(';')) style = styled(style, code);
    else if (part !== '' && column < COLUMNS) {
      const room = COLUMNS - column;
      const shown = part.length <= room ? part : `${part.slice(0, room - 1)}…`;
      const width = shown.length * CHARACTER_PX;
      parts.push(
        `<text x="${(MARGIN_PX + column * CHARACTER_PX).toFixed(1)}" y="${y}" textLength="${width.toFixed(1)}" lengthAdjust="spacingAndGlyphs">${span(shown, style)}</text>`,
      );
      column += part.length;
    }
  }
  return parts.join('');
}

/** A line of one colour that is too long goes on in the next; of another only the beginning is shown. */
function wrapped(line: string): readonly string[] {
  const [before, codes, text = '', ...after] = line.split(SEQUENCE);
  const isOfOne = before === '' && after.length === 2 && after[1] === '';
  if (!isOfOne || text.length <= COLUMNS) return [line];
  const at = text.lastIndexOf(' ', COLUMNS);
  const [open, close] = [`${ESCAPE}[${codes ?? ''}m`, `${ESCAPE}[${after[0] ?? ''}m`];
  return [`${open}${text.slice(0, at)}${close}`, ...wrapped(`${open}  ${text.slice(at + 1)}${close}`)];
}

/** So many lines of the beginning and of the end; a gap shows that there are more between them. */
function shownLines(output: string, [first, last]: Picture['lines']): readonly string[] {
  const all = output.trimEnd().split('\n');
  if (last === 0 || all.length <= first + last) return all.slice(0, first + last);
  return [...all.slice(0, first), ' ⋮', ...all.slice(-last).flatMap(wrapped)];
}

/** The picture of some terminal output. */
export function drawTerminal(output: string, { argv, lines: shown }: Omit<Picture, 'file'>): string {
  const lines = shownLines(output, shown);
  const [width, height] = [COLUMNS * CHARACTER_PX + 2 * MARGIN_PX, (lines.length + 1) * LINE_PX + 2 * MARGIN_PX];
  const box = `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`;
  const body = [`$ npx runbook ${argv.join(' ')}`, ...lines].map(drawLine).join('\n');
  const font = `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" ${font}>\n${box}\n${body}\n</svg>\n`;
}

if (import.meta.main) {
  const environment = { ...process.env, FORCE_COLOR: '1', COLUMNS: String(COLUMNS) };
  for (const picture of PICTURES) {
    // It ends with 5 where a loss is not survived, and prints all the same.
    const { stdout } = spawnSync(process.execPath, ['cli/runbook.js', ...picture.argv], {
      encoding: 'utf8',
      env: environment,
    });
    writeFileSync(picture.file, drawTerminal(stdout, picture));
  }
}
