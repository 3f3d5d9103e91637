import type { TopLevelSpec } from 'vega-lite';
import { loadOptional } from '../../lib/files/optional-package';
import { textWidth } from '../text/text-width';

interface Vega {
  vega: typeof import('vega');
  vegaLite: typeof import('vega-lite');
}

interface TextItem {
  fontSize?: number;
  fontWeight?: string | number;
}

let loaded: Vega | undefined;

/** Vega and Vega-Lite take half a second to load, which only those who draw a chart spend. */
function loadVega(): Vega {
  if (!loaded) {
    loaded = {
      vega: loadOptional('vega', 'Drawing a chart', () => require('vega') as Vega['vega']),
      vegaLite: loadOptional(
        'vega-lite',
        'Drawing a chart',
        () => require('vega-lite') as Vega['vegaLite'],
      ),
    };
    measureTextInOurFont(loaded);
  }
  return loaded;
}

/**
 * Without a canvas Vega guesses the width of a text at .8 of the font size a letter, which pushes
 * axis titles and legends too far out; the charts' font is known, so its own widths serve.
 */
function measureTextInOurFont({ vega }: Vega): void {
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
  const { vega, vegaLite } = loadVega();
  // Vega marks the data it draws; the chart's own data stay as they are.
  const { spec: plan } = vegaLite.compile(structuredClone(spec));
  const view = new vega.View(vega.parse(plan), { renderer: 'none' });
  try {
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}
