/** How pages look: one style sheet, which their policy names by its digest. No colour is the only sign of anything. */

import { createHash } from 'node:crypto';

/**
 * Colours are pairs of at least 4.5 to 1 on their ground (WCAG 2.2, 1.4.3), lines and drawings of at least 3 to 1 (1.4.11), by day and
 * by night. Sizes are in rem, so that they follow the reader's own.
 */
const STYLE = `
:root{color-scheme:light dark;--ground:#fbfaf7;--panel:#fff;--ink:#1c2125;--soft:#555d64;--rule:#dedad2;--edge:#7d858b;--accent:#0b5a7b;--on-ink:#fbfaf7}
@media (prefers-color-scheme:dark){:root{--ground:#13171a;--panel:#1a1f23;--ink:#e8e5df;--soft:#a7afb5;--rule:#333b41;--edge:#7f898f;--accent:#83c8e2;--on-ink:#13171a}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-behavior:smooth}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.6 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
a{color:var(--accent);text-underline-offset:.18em}
a:hover{text-decoration-thickness:2px}
:focus-visible{outline:3px solid var(--accent);outline-offset:3px;border-radius:2px}
.skip{position:absolute;left:1rem;top:-4rem;padding:.5rem 1rem;background:var(--ink);color:var(--on-ink);z-index:1}
.skip:focus{top:1rem}
header.page,main,footer{max-width:52rem;margin:0 auto;padding:0 1.25rem}
header.page{padding-top:1.5rem}
.place{margin:0;color:var(--soft);font-size:.875rem}
.place strong{color:var(--ink);letter-spacing:.06em}
article{padding-top:2.25rem}
article+article{margin-top:4rem;border-top:4px double var(--rule)}
h1,h2,h3,h4{line-height:1.25;text-wrap:balance;margin:0}
h1{font-size:1.5rem;font-weight:650;letter-spacing:-.01em}
article h2.title{font-size:1.5rem;font-weight:650}
.eyebrow{margin:0 0 .25rem;color:var(--accent);font-size:.8125rem;font-weight:600}
.subtitle{margin:.35rem 0 0;color:var(--soft)}
section{margin-top:3rem}
section section{margin-top:1.75rem}
section>h2,section>h3{margin-bottom:.9rem}
section>h2{font-size:1.125rem;padding-bottom:.45rem;border-bottom:1px solid var(--rule)}
section>h3{font-size:1rem}
h4{font-size:.9375rem;margin:1.25rem 0 .4rem}
p{margin:.5rem 0}
.note,.none{color:var(--soft);font-size:.875rem}
.verdict{margin-top:1.75rem;padding:1.5rem;background:var(--panel);border:1px solid var(--rule);border-left:5px solid var(--accent);border-radius:6px}
.verdict h2,.verdict h3{border:0;padding:0;margin:0;color:var(--soft);font-size:.8125rem;font-weight:600}
.verdict .over{margin:.25rem 0 0;font-size:1.75rem;line-height:1.2;font-weight:680;letter-spacing:-.015em;text-wrap:balance}
.verdict .changed{margin:.75rem 0 0}
.verdict .act{margin:.35rem 0 0;font-weight:600}
.verdict.open{border-color:var(--ink);border-left-color:var(--ink)}
.verdict.open .act{margin-top:1rem;padding:.7rem 1rem;background:var(--ink);color:var(--on-ink);border-radius:4px}
dl.facts{display:grid;grid-template-columns:minmax(7rem,auto) 1fr;gap:.35rem 1.25rem;margin:1.25rem 0 0;font-size:.9375rem}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;unicode-bidi:isolate}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;font-size:.875em}
code,td,.told,.why{unicode-bidi:isolate}
pre{margin:.5rem 0 0;padding:.85rem 1rem;background:var(--panel);border:1px solid var(--rule);border-radius:5px;white-space:pre-wrap;line-height:1.5;unicode-bidi:plaintext}
pre.markdown{max-height:24rem;overflow:auto}
table{width:100%;table-layout:fixed;border-collapse:collapse;font-size:.9375rem}
caption{text-align:left;color:var(--soft);font-size:.875rem;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.5rem .75rem .5rem 0;border-bottom:1px solid var(--rule)}
table+table,table+h3,table+h4{margin-top:1.75rem}
thead th{color:var(--soft);font-size:.8125rem;font-weight:600}
tbody th{font-weight:500}
table.changes{font-size:.875rem}
table.changes th:first-child{width:29%}
table.changes th:nth-child(2){width:23%}
table.targets th:first-child{width:34%}
table.targets th:nth-child(2){width:16%}
table.targets th:last-child{width:18%}
table.drills th:first-child{width:24%}
table.requests th:first-child{width:20%}
table.requests th:nth-child(2){width:32%}
.before{color:var(--soft)}
.after{font-weight:600}
figure{margin:0 0 1.5rem}
figcaption{margin-top:.4rem}
svg{display:block;max-width:100%;overflow:visible;color:var(--ink)}
svg text{fill:currentColor;font-size:12px;font-family:inherit}
svg .lane{font-weight:600;font-size:13px}
svg .outcome,svg .row,svg text.tick{fill:var(--soft)}
svg .rail{stroke:var(--rule)}
svg line.tick{stroke:var(--edge)}
svg .bar{stroke:var(--edge);stroke-width:1}
svg .detect{fill:var(--ground)}
svg .decide{fill:var(--ink);stroke:var(--ink)}
svg .act{fill:var(--accent);stroke:var(--ground)}
svg .verify{fill:var(--panel);stroke:var(--accent);stroke-width:2}
svg .hatch{stroke:var(--edge);stroke-width:1.2;fill:none}
ol.moments,ul.plain,ol.plan{list-style:none;margin:0;padding:0}
.moment{display:grid;grid-template-columns:5.75rem 4.25rem 1fr;gap:0 .75rem;padding:.3rem 0;font-size:.9375rem}
.moment .at{color:var(--soft);font-variant-numeric:tabular-nums}
.moment .group{font-weight:600}
.moment.act .group{color:var(--accent)}
.moment.bad .what{font-weight:600}
.moment .because{display:block;color:var(--soft)}
.moment .spent,.moment.detect .told,.moment.read .told,.moment.step .told,.moment.wait .told{color:var(--soft)}
.left-out{padding:.5rem 0;color:var(--soft);font-style:italic}
.candidate{display:grid;grid-template-columns:5.75rem 1fr;gap:0 .75rem;padding:.45rem 0;border-bottom:1px solid var(--rule)}
.sign{font-weight:600;white-space:nowrap}
.sign.for{color:var(--accent)}
.candidate .of{color:var(--soft)}
.candidate .why{display:block}
ol.plan>li{margin:0 0 1.5rem;padding-left:1rem;border-left:2px solid var(--accent)}
ol.plan .because{margin:.25rem 0 0}
ol.plan .undo{margin:.6rem 0 0;color:var(--soft);font-size:.875rem}
details{margin-top:1rem;border:1px solid var(--rule);border-radius:5px;background:var(--panel)}
details[open]{padding-bottom:.75rem}
summary{cursor:pointer;padding:.65rem 1rem;font-weight:600}
details>:not(summary){margin-left:1rem;margin-right:1rem}
details table{width:calc(100% - 2rem)}
details.calls td,details.calls th{font-size:.8125rem}
.hindrance{font-weight:600}
.outcome-word{font-weight:600}
.index{padding-top:2.25rem}
nav.index{padding-top:1rem}
nav.index ol{margin:0;padding:0;list-style:none}
nav.index li{padding:.55rem 0;border-bottom:1px solid var(--rule)}
nav.index .how{display:block;color:var(--soft);font-size:.9375rem}
footer{margin-top:4rem;padding-top:1rem;padding-bottom:3rem;color:var(--soft);font-size:.875rem}
@media (max-width:34rem){
.verdict{padding:1.15rem}
.verdict .over{font-size:1.5rem}
.moment{grid-template-columns:5.25rem 1fr;padding:.55rem 0}
.moment .told{grid-column:1/-1}
dl.facts{grid-template-columns:1fr;gap:0}
dl.facts dd{margin-bottom:.6rem}
table.stacked thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stacked tr{display:block;padding:.6rem 0;border-bottom:1px solid var(--rule)}
table.stacked th,table.stacked td{display:block;border:0;padding:.1rem 0}
.candidate{grid-template-columns:1fr}
}
@media print{
:root{color-scheme:light;--ground:#fff;--panel:#fff;--ink:#000;--soft:#444;--rule:#bbb;--edge:#666;--accent:#0b4a66;--on-ink:#fff}
body{font-size:10pt}
.skip{display:none}
header.page,main,footer{max-width:none;padding:0}
section,article+article{break-inside:auto}
h1,h2,h3,h4,caption,summary{break-after:avoid}
tr,figure,.moment,.candidate,ol.plan>li{break-inside:avoid}
.verdict.open .act{background:none;color:var(--ink);border:2px solid var(--ink)}
pre.markdown{max-height:none}
article+article{break-before:page}
}
`.trim();

/** The style sheet, as it stands between its tags. */
export const STYLE_SHEET = STYLE;

/** What a page may load: nothing, and no style but this one. Source: W3C Content Security Policy Level 3, "style-src", `hash-source`. */
export const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
