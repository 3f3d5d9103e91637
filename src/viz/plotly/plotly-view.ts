import {
  DISPLAY_METADATA,
  JUPYTER_DISPLAY,
  type MimeBundle,
  type MimeMetadata,
} from '../display/mime-bundle';
import type { Figure } from '../figure/figure';
import type { Data, Layout } from 'plotly.js-dist';

/** A figure as Plotly takes it: plain data, which can be written as JSON. */
export interface PlotlySpec {
  data: Partial<Data>[];
  layout: Partial<Layout>;
}

/** An interactive view for JupyterLab; programs that cannot show it show the picture. */
export class PlotlyView {
  constructor(
    readonly spec: PlotlySpec,
    /** What the view shows, in words. */
    readonly alt: string,
    /** The view as it stands, drawn without a browser. */
    readonly picture: Figure,
  ) {}

  [JUPYTER_DISPLAY](): MimeBundle {
    return {
      ...this.picture[JUPYTER_DISPLAY](),
      'application/vnd.plotly.v1+json': this.spec,
      'text/plain': this.alt,
    };
  }

  [DISPLAY_METADATA](): MimeMetadata {
    return this.picture[DISPLAY_METADATA]();
  }
}
