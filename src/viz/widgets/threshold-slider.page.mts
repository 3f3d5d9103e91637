// The threshold slider's side in the page: draws pictures, verdicts and counts anew while the slider moves.
import { add, bytesOf, paint } from './page-elements.mjs';
import { countVerdicts, shareOf, thresholdAt, tinted, verdictOf } from './threshold';
import type { ThresholdState } from './threshold-slider';
import type { Render } from './widget';

const STEPS = 1000;

const render: Render<ThresholdState> = ({ model, el }) => {
  const scale = model.get('scale');
  const counted = model.get('counted');
  el.classList.add('stfpm');
  const title = model.get('title');
  if (title !== '') add(el, 'strong').textContent = title;
  const label = add(el, 'label');
  label.textContent = 'Threshold ';
  const slider = add(label, 'input');
  Object.assign(slider, { type: 'range', min: '0', max: String(STEPS), step: '1' });
  const shown = add(label, 'output');
  const counts = table(el);
  const grid = add(el, 'div', 'grid');
  const pictures = model.get('images').map((picture) => {
    const { width, height, outline, caption, score, isDefective } = picture;
    const frame = add(grid, 'figure');
    const box = add(frame, 'div', 'box');
    const canvas = add(box, 'canvas');
    Object.assign(canvas, { width, height });
    canvas.setAttribute('role', 'img');
    if (outline !== '') {
      box.insertAdjacentHTML(
        'beforeend',
        `<svg viewBox="0 0 ${width} ${height}"><path vector-effect="non-scaling-stroke"/></svg>`,
      );
      box.querySelector('path')?.setAttribute('d', outline);
    }
    const text = add(frame, 'figcaption');
    const rgb = bytesOf(picture.rgb);
    // A copy, since floats must begin at a multiple of four bytes.
    const map = new Float32Array(bytesOf(picture.map).slice().buffer);
    return (threshold: number) => {
      const { data, above } = tinted(rgb, map, threshold);
      paint(canvas, data);
      const verdict = verdictOf(score, isDefective, threshold);
      frame.dataset.verdict = verdict;
      canvas.setAttribute('aria-label', `${caption}: ${verdict}, ${above} pixels above`);
      text.textContent = `${caption}: ${verdict}`;
    };
  });

  const draw = () => {
    const threshold = model.get('threshold');
    slider.value = String(Math.round(STEPS * shareOf(scale, threshold)));
    shown.textContent = threshold.toPrecision(3);
    for (const [verdict, count] of Object.entries(countVerdicts(counted, threshold))) {
      counts[verdict].textContent = String(count);
    }
    for (const picture of pictures) picture(threshold);
  };
  slider.addEventListener('input', () => {
    model.set('threshold', thresholdAt(scale, Number(slider.value) / STEPS));
    model.save_changes();
  });
  model.on('change:threshold', draw);
  draw();
};

/** The counts as a confusion matrix; gives its cells by verdict. */
function table(el: HTMLElement): Record<string, HTMLElement> {
  const rows = add(el, 'table');
  rows.innerHTML = `<thead><tr><th></th><th>judged defective</th><th>judged good</th></tr></thead>
<tbody><tr><th>defective</th><td data-verdict="found"></td><td data-verdict="missed"></td></tr>
<tr><th>good</th><td data-verdict="false alarm"></td><td data-verdict="good"></td></tr></tbody>`;
  const cells = [...rows.querySelectorAll<HTMLElement>('td')];
  return Object.fromEntries(cells.map((cell) => [cell.dataset.verdict ?? '', cell]));
}

export default { render };
