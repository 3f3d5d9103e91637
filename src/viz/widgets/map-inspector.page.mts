// The map inspector's side in the page: maps to click on, and what the cell has drawn of the place.
import type { MapInspectorState } from './map-inspector';
import { add, bytesOf, paint } from './page-elements.mjs';
import type { Render } from './widget';

const render: Render<MapInspectorState> = ({ model, el }) => {
  el.classList.add('stfpm');
  const title = model.get('title');
  if (title !== '') add(el, 'strong').textContent = title;
  const grid = add(el, 'div', 'grid');
  const frames = model.get('maps').map(({ width, height, rgb, caption }, index) => {
    const frame = add(grid, 'figure');
    const box = add(frame, 'div', 'box');
    const canvas = add(box, 'canvas');
    Object.assign(canvas, { width, height, tabIndex: 0 });
    canvas.setAttribute('role', 'button');
    canvas.setAttribute('aria-label', caption);
    paint(canvas, bytesOf(rgb));
    add(frame, 'figcaption').textContent = caption;
    const select = (x: number, y: number) => {
      model.set('selected', { index, x, y });
      model.save_changes();
    };
    canvas.addEventListener('click', ({ offsetX, offsetY }) => {
      const pixel = (offset: number, shown: number, size: number) =>
        Math.min(size - 1, Math.max(0, Math.floor((offset / shown) * size)));
      select(
        pixel(offsetX, canvas.clientWidth, width),
        pixel(offsetY, canvas.clientHeight, height),
      );
    });
    canvas.addEventListener('keydown', ({ key }) => {
      if (key === 'Enter') select(width >> 1, height >> 1);
    });
    return frame;
  });
  const detail = add(el, 'img');
  let address = '';
  const draw = () => {
    const { index } = model.get('selected');
    frames.forEach((frame, i) => frame.toggleAttribute('data-selected', i === index));
    const shown = model.get('detail');
    if (shown === null) return;
    URL.revokeObjectURL(address);
    address = URL.createObjectURL(new Blob([bytesOf(shown.png)], { type: 'image/png' }));
    Object.assign(detail, { src: address, alt: shown.alt });
    detail.style.width = `${shown.width}px`;
  };
  model.on('change:detail', draw);
  model.on('change:selected', draw);
  draw();
  return () => URL.revokeObjectURL(address);
};

export default { render };
