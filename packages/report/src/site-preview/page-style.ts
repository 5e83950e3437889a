/** The look of the preview page; colours come in pairs for light and dark, each with a contrast of at least 4.5. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --page: #f7f7f5; --card: #ffffff; --text: #1b1d1f; --soft: #55595f; --line: #dcdcd7; --accent: #0b5a9d; --good: #1a6637; --good-bg: #e4f2e8; --bad: #9c2019; --bad-bg: #fbe7e5; --warn: #7a4b00; --warn-bg: #faeed8; --row: #f1f5fa; }
@media (prefers-color-scheme: dark) {
  :root { --page: #131517; --card: #1b1e21; --text: #e8e9ea; --soft: #a8adb3; --line: #34383d; --accent: #84bdf7; --good: #86d6a2; --good-bg: #1a3323; --bad: #ffa299; --bad-bg: #42211f; --warn: #efc173; --warn-bg: #3b2e16; --row: #20272e; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.page { max-width: 1180px; margin: 0 auto; padding: 0 20px 48px; }
.strip { background: var(--warn-bg); color: var(--warn); font-size: .875rem; }
.strip p { max-width: 1180px; margin: 0 auto; padding: 6px 20px; }
header { padding: 36px 0 20px; }
h1 { font-size: clamp(1.6rem, 4.6vw, 2.6rem); line-height: 1.15; letter-spacing: -.02em; margin: 4px 0 12px; font-weight: 650; text-wrap: balance; }
h2 { font-size: 1.25rem; letter-spacing: -.01em; margin: 0 0 10px; }
h3 { font-size: .9375rem; margin: 0 0 6px; }
p { margin: 0 0 10px; }
.eyebrow, .note, .below, .word, caption, footer { color: var(--soft); font-size: .875rem; }
.eyebrow { margin: 0; }
.lead { font-size: 1.0625rem; margin: 0; }
.fig { white-space: nowrap; }
.word { font-weight: 400; white-space: nowrap; }
a { color: var(--accent); text-underline-offset: 2px; }
a:focus-visible, .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
code { font: .9em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
section { margin-top: 40px; }
.origin { margin-top: 28px; }
.badge { display: inline-block; padding: 0 9px; border-radius: 99px; font-size: .8125rem; line-height: 1.6; font-weight: 600; white-space: nowrap; border: 1px solid currentColor; margin: 1px 0; }
.badge.good { color: var(--good); background: var(--good-bg); }
.badge.bad { color: var(--bad); background: var(--bad-bg); }
.badge.warn { color: var(--warn); background: var(--warn-bg); }
.badge.plain { color: var(--text); background: var(--card); }
.alert { color: var(--bad); white-space: nowrap; }
.notice { margin-top: 18px; padding: 12px 16px; border-left: 4px solid var(--warn); background: var(--warn-bg); border-radius: 4px; }
.notice p:last-child, .notice ul { margin-bottom: 0; }
ul { margin: 0 0 10px; padding-left: 1.2em; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); gap: 12px; margin-top: 4px; }
.tile, figure, dl, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { padding: 16px 18px 14px; }
.tile h2 { font-size: .875rem; font-weight: 600; color: var(--soft); letter-spacing: 0; margin: 0; }
.tile .big { font-size: 2.125rem; line-height: 1.2; font-weight: 650; letter-spacing: -.02em; margin: 4px 0 6px; white-space: nowrap; }
.tile .below { margin: 0; }
dl { display: grid; grid-template-columns: repeat(2, 1fr); margin: 0; padding: 8px 18px; column-gap: 40px; }
dl div { display: grid; grid-template-columns: 6.5rem 1fr; padding: 6px 0; }
dt { color: var(--soft); }
dd { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; margin-bottom: 12px; }
table { border-collapse: collapse; width: 100%; font-size: .875rem; overflow-wrap: normal; }
caption { text-align: left; padding: 10px 14px; caption-side: top; }
caption span { display: inline-block; position: sticky; left: 14px; max-width: min(100%, calc(100vw - 60px)); }
th, td { text-align: left; vertical-align: top; padding: 7px 8px; border-top: 1px solid var(--line); font-weight: 400; }
thead th:first-child, th[scope=rowgroup], .night { padding-left: 14px; }
thead th { color: var(--soft); font-weight: 600; vertical-align: bottom; }
thead tr + tr th { border-top: 0; padding-top: 0; }
thead th[colspan] { text-align: right; }
tbody th { font-weight: 600; min-width: 6.5rem; max-width: 16rem; overflow-wrap: anywhere; }
tbody th[scope=rowgroup] { min-width: 3.5rem; }
tbody + tbody { border-top: 2px solid var(--line); }
.num { text-align: right; white-space: nowrap; }
.change { color: var(--soft); padding-left: 0; }
.change .bounds { display: block; }
.lead + .lead { margin-top: 4px; }
.headline > :not([scope=rowgroup]) { background: var(--row); }
.night { min-width: 10rem; }
.why { min-width: 8.5rem; max-width: 20rem; overflow-wrap: anywhere; }
.setup { color: var(--soft); min-width: 10rem; max-width: 20rem; overflow-wrap: anywhere; }
.trends { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
figure { margin: 0; padding: 14px 16px 8px; min-width: 0; }
.chart { display: block; width: 100%; height: auto; font-size: 11px; }
.grid { stroke: var(--line); }
.axis { fill: var(--soft); }
.halo { paint-order: stroke; stroke: var(--card); stroke-width: 3px; stroke-linejoin: round; fill: var(--text); }
.line { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
.break { stroke: var(--soft); stroke-dasharray: 3 3; fill: none; }
.m-shown { fill: var(--accent); }
.m-alert { fill: var(--bad); }
.m-canonical { fill: var(--card); stroke: var(--warn); stroke-width: 1.6; }
.m-invalid { fill: none; stroke: var(--bad); stroke-width: 2; }
.m-other { fill: none; stroke: var(--soft); stroke-width: 1.4; }
.m-latest { fill: none; stroke: var(--text); stroke-width: 1.4; }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 22px; padding: 0; margin: 12px 0 0; font-size: .875rem; color: var(--soft); }
.legend svg { vertical-align: -2px; margin-right: 7px; overflow: visible; }
footer { margin-top: 40px; padding-top: 14px; border-top: 1px solid var(--line); }
@media (max-width: 860px) { .tiles { grid-template-columns: 1fr 1fr; } dl { grid-template-columns: 1fr; } .trends { grid-template-columns: 1fr; } }
@media (max-width: 480px) {
  .page { padding: 0 14px 32px; } .strip p { padding: 6px 14px; } header { padding-top: 24px; } .tile { padding: 12px; } .tile .big { font-size: 1.5rem; }
  dl { padding: 8px 14px; } dl div { grid-template-columns: 5.5rem 1fr; } figure { padding: 12px 8px 6px; } .chart { font-size: 15px; }
}
@media print {
  :root { color-scheme: light; --page: #fff; --card: #fff; --text: #000; --soft: #444; --line: #bbb; --accent: #0b4a80; --good: #14532d; --good-bg: #fff; --bad: #8c1d17; --bad-bg: #fff; --warn: #6b4200; --warn-bg: #fff; --row: #f3f3f3; }
  .strip p { padding: 0; } .trends, dl { grid-template-columns: 1fr 1fr; } .tiles { grid-template-columns: repeat(4, 1fr); } .tile { padding: 10px; } .tile .big { font-size: 1.4rem; }
  html, body { font-size: 10pt; } table .word, .badge { font-size: inherit; } .badge { padding: 0 5px; } .page { max-width: none; padding: 0; } .scroll { overflow: visible; border: 0; } table { font-size: 7pt; } th, td { padding: 2pt 3pt; white-space: normal; }
  .why, .setup, .night, tbody th, tbody th[scope=rowgroup] { min-width: 0; } .tile, figure, tr, dl { break-inside: avoid; } h2, h3 { break-after: avoid; } section { margin-top: 18pt; }
}
`;
