import { escapeXml } from '../../viz/text/escape-xml';
import { resultsChart } from '../../viz/charts/results-chart';
import type { SweepTable, TextTable } from './sweep-table';

const STYLE = `:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .6rem; border-bottom: 1px solid #8886; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; } pre { white-space: pre-wrap; }
svg { background: #fff; max-width: 100%; height: auto; }`;

export async function sweepPage(
  name: string,
  { table, notes, missing, against, groups }: SweepTable,
): Promise<string> {
  const charts: string[] = [];
  for (const [title, of] of [
    ['Image AUROC', 'image'],
    ['Pixel AUROC', 'pixel'],
  ] as const) {
    const rows = groups.map(({ preset, records }) => ({
      title: preset.title,
      ours: records.flatMap(({ metrics }) => metrics[of].auroc ?? []),
    }));
    if (rows.every(({ ours }) => ours.length === 0)) continue;
    const chart = await resultsChart(rows, { title, axisTitle: title });
    charts.push(`<figure>${chart.toSvg()}</figure>`);
  }
  const list = notes.map((note) => `<li>${escapeXml(note)}</li>`).join('');
  return page(
    name,
    `${tableHtml(table)}
${list && `<ol>${list}</ol>`}
${
  missing.length > 0
    ? `<h2>Not in the table</h2><pre>${missing.map((line) => escapeXml(line)).join('\n')}</pre>`
    : '<p>The table is complete.</p>'
}
${charts.join('\n')}
${against ? `<h2>Against the first row</h2>${tableHtml(against)}<p>${escapeXml(against.note)}</p>` : ''}`,
  );
}

/** A page of its own, without anything from elsewhere. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeXml(title)}</title><style>${STYLE}</style>
<h1>${escapeXml(title)}</h1>
${body}
</html>
`;
}

export function tableHtml({ head, rows }: TextTable): string {
  const cells = (tag: string, texts: readonly string[]) =>
    `<tr>${texts.map((text) => `<${tag}>${escapeXml(text)}</${tag}>`).join('')}</tr>`;
  return `<div class="wide"><table>${cells('th', head)}${rows.map((row) => cells('td', row)).join('')}</table></div>`;
}
