// The training panel's side in the page: loss curves, a bar and the button that stops the training.
import { add } from './page-elements.mjs';
import type { TrainingPanelState } from './training-panel';
import type { Render } from './widget';

const WIDTH = 560;
const HEIGHT = 220;
/** Room for the labels of the axes. */
const LEFT = 56;
const BOTTOM = 22;
const COLOURS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#9467bd', '#8c564b', '#e377c2'];

const render: Render<TrainingPanelState> = ({ model, el }) => {
  el.classList.add('stfpm');
  add(el, 'strong').textContent = model.get('title');
  const bar = add(el, 'div', 'bar');
  const progress = add(bar, 'progress');
  progress.max = model.get('epochs');
  const button = add(bar, 'button');
  button.textContent = 'Stop';
  const text = add(bar, 'span');
  const plot = add(el, 'div');

  const draw = () => {
    const phase = model.get('phase');
    const isRunning = phase === 'preparing' || phase === 'training';
    const isStopping = isRunning && model.get('isStopAsked');
    progress.value = model.get('done');
    button.disabled = !isRunning || isStopping;
    button.hidden = !isRunning;
    text.textContent = isStopping ? 'stopping …' : model.get('text') || `${phase} …`;
    el.dataset.phase = phase;
    plot.innerHTML = plotOf(model.get('curves'), model.get('epochs'));
  };
  button.addEventListener('click', () => {
    model.set('isStopAsked', true);
    model.save_changes();
    draw();
  });
  for (const name of ['phase', 'done', 'text', 'curves'] as const) model.on(`change:${name}`, draw);
  draw();
};

/** The curves over the epochs, on a logarithmic scale if all values are positive. */
function plotOf(curves: TrainingPanelState['curves'], epochs: number): string {
  const values = curves.flatMap((curve) => curve.values).filter(Number.isFinite);
  if (values.length === 0) return '';
  const isLog = Math.min(...values) > 0;
  const scaled = (value: number) => (isLog ? Math.log10(value) : value);
  const low = Math.min(...values.map(scaled));
  const high = Math.max(...values.map(scaled));
  const last = Math.max(2, Math.min(epochs, 2 * curves[0].values.length));
  const x = (epoch: number) => LEFT + ((epoch - 1) / (last - 1)) * (WIDTH - LEFT - 8);
  const y = (value: number) =>
    8 + ((high - scaled(value)) / (high - low || 1)) * (HEIGHT - BOTTOM - 8);
  const lines = curves.map(({ values: ofCurve }, i) => {
    const points = ofCurve.flatMap((value, at) =>
      Number.isFinite(value) ? `${x(at + 1).toFixed(1)},${y(value).toFixed(1)}` : [],
    );
    const marker = points.length === 1 ? ' marker-start="url(#stfpm-dot)"' : '';
    return `<polyline points="${points.join(' ')}" stroke="${COLOURS[i % COLOURS.length]}"${marker}/>`;
  });
  const label = (at: number, value: number) =>
    `<text x="${LEFT - 6}" y="${at}" text-anchor="end">${value.toPrecision(3)}</text>`;
  const valueOf = (position: number) => (isLog ? 10 ** position : position);
  const names = curves.map(
    ({ name }, i) => `<tspan fill="${COLOURS[i % COLOURS.length]}">&#160; ${escaped(name)}</tspan>`,
  );
  return `<svg class="curves" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" role="img" aria-label="Loss of ${curves[0].values.length} epochs">
<defs><marker id="stfpm-dot" markerWidth="6" markerHeight="6" refX="3" refY="3"><circle cx="3" cy="3" r="2"/></marker></defs>
<path d="M${LEFT} 8V${HEIGHT - BOTTOM}H${WIDTH - 8}"/>
${lines.join('\n')}
${label(14, valueOf(high))}${high > low ? label(HEIGHT - BOTTOM, valueOf(low)) : ''}
<text x="${LEFT}" y="${HEIGHT - 6}">epoch 1</text><text x="${WIDTH - 8}" y="${HEIGHT - 6}" text-anchor="end">${last}</text>
<text x="${WIDTH - 8}" y="18" text-anchor="end">${names.join('')}</text></svg>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

export default { render };
