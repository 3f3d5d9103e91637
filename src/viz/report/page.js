/* global Plotly, document, Image, matchMedia, getComputedStyle */
// Runs in the reader's browser: sorting, filtering and the closer view of the report.
(() => {
  'use strict';
  const byId = (id) => document.getElementById(id);
  const { colours, images } = JSON.parse(byId('data').textContent);
  const list = byId('images');
  const cards = [...list.children];
  const names = new Intl.Collator(undefined, { numeric: true });

  function arrange() {
    const [key, run] = byId('sort').value.split('-');
    const kind = byId('filter').value;
    const score = (card) => Number(card.dataset.scores.split(' ')[run]);
    const byName = (a, b) =>
      names.compare(a.dataset.name, b.dataset.name) ||
      names.compare(a.dataset.defect, b.dataset.defect);
    const order = {
      score: (a, b) => score(b) - score(a),
      name: byName,
      defect: (a, b) => names.compare(a.dataset.defect, b.dataset.defect) || byName(a, b),
    };
    list.append(...cards.sort(order[key]));
    for (const card of cards) {
      card.hidden = kind !== 'all' && (kind === 'good') !== (card.dataset.label === '0');
    }
    byId('count').textContent = `${cards.filter((card) => !card.hidden).length} images`;
  }
  byId('controls').addEventListener('input', arrange);
  byId('controls').addEventListener('submit', (event) => event.preventDefault());
  arrange();

  const dialog = byId('closer');
  let open = null;
  let drawings = 0;

  /** The values of a map, rows from the top. */
  async function decode({ png, lo, hi, step }, imageWidth, imageHeight) {
    const [width, height] = [imageWidth / step, imageHeight / step];
    const picture = new Image();
    picture.src = png;
    await picture.decode();
    const canvas = document.createElement('canvas');
    Object.assign(canvas, { width, height });
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    const grey = context.getImageData(0, 0, width, height).data;
    return Array.from({ length: height }, (_, y) =>
      Array.from(
        { length: width },
        (_, x) => lo + (hi - lo) * (grey[4 * (y * width + x)] / 255) ** 2,
      ),
    );
  }

  function chosenView() {
    return Number(byId('views').querySelector('input:checked').value);
  }

  async function draw() {
    if (!open) return;
    const drawing = ++drawings;
    const { width, height, outline, runs } = images[open.dataset.index];
    const view = chosenView();
    // The input is shown with the final map's values under the pointer.
    const { map, top } = runs[byId('run').value][Math.max(0, view)];
    const z = await decode(map, width, height);
    if (drawing !== drawings) return;
    const style = getComputedStyle(document.body);
    const axis = { visible: false, fixedrange: false };
    const plot = byId('plot');
    const showOutline = byId('outline').checked && outline !== '';
    await Plotly.react(
      plot,
      [
        {
          type: 'heatmap',
          z,
          ...{ x0: (map.step - 1) / 2, dx: map.step, y0: (map.step - 1) / 2, dy: map.step },
          zmin: 0,
          zmax: top || 1,
          colorscale: colours,
          opacity: view < 0 ? 0 : 1,
          showscale: view >= 0,
          colorbar: { thickness: 12, outlinewidth: 0, tickformat: '.2~g', len: 0.9 },
          hovertemplate: 'x %{x:.0f}, y %{y:.0f}<br>score %{z:.3~g}<extra></extra>',
        },
      ],
      {
        margin: { l: 0, r: view < 0 ? 0 : 60, t: 0, b: 0 },
        paper_bgcolor: 'transparent',
        plot_bgcolor: 'transparent',
        font: { family: style.fontFamily, color: style.color, size: 12 },
        xaxis: { ...axis, range: [-0.5, width - 0.5], constrain: 'domain' },
        yaxis: { ...axis, range: [height - 0.5, -0.5], scaleanchor: 'x', constrain: 'domain' },
        dragmode: 'pan',
        modebar: { bgcolor: 'transparent' },
        uirevision: open.dataset.index,
        images: [
          {
            source: open.querySelector('img').src,
            ...{ xref: 'x', yref: 'y', x: -0.5, y: -0.5, sizex: width, sizey: height },
            ...{ sizing: 'stretch', layer: 'below' },
          },
        ],
        shapes: showOutline
          ? [
              {
                type: 'path',
                // Pixels are centred on whole numbers; the outline runs between them.
                path: outline.replace(/\d+/g, (number) => ` ${Number(number) - 0.5} `),
                line: { color: '#00e5ff', width: 1.5 },
              },
            ]
          : [],
      },
      {
        responsive: true,
        displaylogo: false,
        scrollZoom: true,
        modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
      },
    );
    const caption = open.querySelectorAll('figcaption')[Number(byId('run').value) + 1];
    const [score, verdict] = ['.score', '.verdict'].map((part) => caption.querySelector(part));
    byId('judged').textContent =
      `Score ${score.textContent}${verdict ? `; called ${verdict.textContent}` : ''}. ` +
      'Drag to move, scroll to zoom, double-click for the whole image.';
  }

  function fillViews(titles) {
    const before = byId('views').querySelector('input:checked')?.value ?? '0';
    // Models have different numbers of maps.
    const chosen = Number(before) < titles.length ? before : '0';
    const options = ['Input', ...titles].map((title, i) => {
      const label = document.createElement('label');
      const input = document.createElement('input');
      Object.assign(input, { type: 'radio', name: 'view', value: i - 1 });
      input.checked = input.value === chosen;
      label.append(input, ` ${title}`);
      return label;
    });
    byId('views').replaceChildren(byId('views').firstElementChild, ...options);
  }

  function fillViewsOfRun() {
    fillViews(images[open.dataset.index].runs[byId('run').value].map(({ title }) => title));
  }

  list.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    open = button.closest('li');
    byId('closer-title').textContent = open.querySelector('h3').textContent;
    byId('run').value = button.dataset.run;
    fillViewsOfRun();
    dialog.showModal();
    draw();
  });
  byId('run').addEventListener('change', fillViewsOfRun);
  for (const id of ['run', 'views', 'outline']) byId(id).addEventListener('change', draw);
  byId('close').addEventListener('click', () => dialog.close());
  dialog.addEventListener('click', (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener('close', () => {
    open = null;
    Plotly.purge(byId('plot'));
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
})();
