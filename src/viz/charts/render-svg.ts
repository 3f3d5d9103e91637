import * as vega from 'vega';
import { compile, type TopLevelSpec } from 'vega-lite';
import { textWidth } from '../text/text-width';

interface TextItem {
  fontSize?: number;
  fontWeight?: string | number;
}

/**
 * Without a canvas Vega guesses the width of a text at .8 of the font size a letter, which pushes
 * axis titles and legends too far out; the charts' font is known, so its own widths serve.
 */
function measureTextInOurFont(): void {
  const { textMetrics } = vega as unknown as {
    textMetrics: { width: (item: TextItem, text: unknown) => number };
  };
  textMetrics.width = ({ fontSize = 11, fontWeight }, text) => {
    const bold = fontWeight === 'bold' || Number(fontWeight) >= 600;
    return textWidth(text === null || text === undefined ? '' : `${text}`, fontSize, bold);
  };
}

/** Draws a Vega-Lite chart as SVG, without a browser. */
export async function renderSvg(spec: TopLevelSpec): Promise<string> {
  measureTextInOurFont();
  // Vega marks the data it draws; the chart's own data stay as they are.
  const { spec: plan } = compile(structuredClone(spec));
  const view = new vega.View(vega.parse(plan), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
