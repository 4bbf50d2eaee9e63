/** Draws a drill as the terminal shows it: `npm run picture` writes the README's `docs/drill.svg`. */

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const DRILL = 'instance-dies';
const COLUMNS = 120;
/** Lines shown: the story from the alarm to the outcome. */
const LINES = 24;
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

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function span(text: string, { colour, bold, dim }: Style): string {
  return `<tspan fill="${colour}"${bold ? ' font-weight="bold"' : ''}${dim ? ' opacity="0.65"' : ''}>${escaped(text)}</tspan>`;
}

/** A colour sequence of the terminal: escape, bracket, codes. Built, because a control character in a pattern cannot be seen. */
const SEQUENCE = new RegExp(`${String.fromCodePoint(0x1b)}\\[([\\d;]*)m`, 'u');

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

/** The picture of some terminal output. */
export function drawTerminal(output: string): string {
  const lines = output.trimEnd().split('\n').slice(0, LINES);
  const [width, height] = [COLUMNS * CHARACTER_PX + 2 * MARGIN_PX, (lines.length + 1) * LINE_PX + 2 * MARGIN_PX];
  const box = `<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`;
  const body = [`$ npx runbook drill ${DRILL}`, ...lines].map(drawLine).join('\n');
  const font = `font-family="ui-monospace, Menlo, Consolas, monospace" font-size="13" xml:space="preserve"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width.toFixed(0)} ${height}" ${font}>\n${box}\n${body}\n</svg>\n`;
}

if (import.meta.main) {
  const environment = { ...process.env, FORCE_COLOR: '1', COLUMNS: String(COLUMNS) };
  const output = execFileSync(process.execPath, ['cli/runbook.js', 'drill', DRILL], {
    encoding: 'utf8',
    env: environment,
  });
  writeFileSync('docs/drill.svg', drawTerminal(output));
}
