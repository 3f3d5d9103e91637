// What the page of `stfpm export --html` does: reads pictures, judges them, shows what it found.
import * as ort from 'onnxruntime-web/wasm';
import { judgePicture } from '../../lib/anomaly-map/judge-picture';
import type { AnomalyDetector } from '../../lib/anomaly-map/detect';
import type { Detection } from '../../lib/anomaly-map/detection';
import { withinRegion } from '../../lib/anomaly-map/detection';
import { largestOfCells, reducedSize } from '../../lib/data/frame';
import type { ImageStack } from '../../lib/data/image';
import { resample } from '../../lib/data/resample';
import { unpackModel } from '../../lib/onnx/unpack-model';
import { outlinePath } from '../image/outline';
import { fromBase85 } from './base85';
import type { Deflated, InspectedDetector } from './inspect-page';
import { pictureFault } from './picture-file';

/** A picture's pixels as the browser gives them: RGBA, rows from the top. */
type Pixels = Pick<ImageData, 'width' | 'height' | 'data'>;

interface Judgement {
  score: number;
  /** Row-major; null from a detector that judges whole images. NaN where nothing is said. */
  map: Float32Array | null;
  /** Of the map. */
  size: { width: number; height: number };
  /** The share of the picture, or of what counts of it, that was not looked at. */
  unseen: number;
}

/** A picture in the list. */
interface Item {
  name: string;
  /** Of the picture, once it is read. */
  size?: { width: number; height: number };
  judgement?: Judgement;
  error?: string;
  card: HTMLElement;
}

/** Pictures are shown no wider than this; they are judged as they are. */
const SHOWN_WIDTH = 720;

/** Maps of more pixels are shown reduced, each cell with its largest value. */
const SHOWN_PIXELS = 1e6;

/** Where a map says nothing, it is drawn in this grey. */
const NO_VALUE = [128, 128, 128];

const byId = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind;
const detector = JSON.parse(byId('detector').textContent ?? '') as InspectedDetector;
const items: Item[] = [];
const results = byId<HTMLOListElement>('results');
const thresholdInput = byId<HTMLInputElement>('threshold');
const slider = byId<HTMLInputElement>('slider');
let threshold = detector.threshold;

/** What was put into the page as text: its bytes, and the element is gone. */
async function embedded(id: string, { bytes, deflated }: Deflated): Promise<Uint8Array> {
  const element = byId(id);
  const content = fromBase85(element.textContent ?? '', deflated) as Uint8Array<ArrayBuffer>;
  element.remove();
  // With a checksum: a page that was changed does not start.
  const inflated = new Blob([content]).stream().pipeThrough(new DecompressionStream('gzip'));
  const whole = new Uint8Array(await new Response(inflated).arrayBuffer());
  if (whole.length !== bytes) throw new Error(`expected ${bytes} bytes, found ${whole.length}`);
  return whole;
}

async function openSession(): Promise<ort.InferenceSession> {
  // One thread: more would need a server that isolates the page.
  Object.assign(ort.env.wasm, {
    numThreads: 1,
    proxy: false,
    wasmBinary: await embedded('runtime', detector.runtime),
  });
  const model = unpackModel(detector.model, await embedded('model', detector.model));
  return ort.InferenceSession.create(model, { executionProviders: ['wasm'], logSeverityLevel: 3 });
}

const session = openSession();

/** The colours without the alpha channel, [height, width, 3]. */
function rgbOf({ data }: Pixels): Uint8Array {
  const rgb = new Uint8Array((data.length / 4) * 3);
  for (let from = 0, to = 0; from < data.length; from += 4, to += 3) {
    // Transparent pixels have lost their colours, and a canvas that is too large is nothing but transparent.
    if (data[from + 3] !== 255) {
      throw new Error('it has transparent pixels, or more pixels than this browser can read');
    }
    rgb[to] = data[from];
    rgb[to + 1] = data[from + 1];
    rgb[to + 2] = data[from + 2];
  }
  return rgb;
}

/** The model on a picture of the detector's size. */
async function run(image: Uint8Array): Promise<Pick<Detection, 'score' | 'map'>> {
  const { size } = detector;
  const images = new ort.Tensor('uint8', image, [1, size.height, size.width, 3]);
  const opened = await session;
  const wanted = ['score', 'anomaly_map'].filter((name) => opened.outputNames.includes(name));
  const found = await opened.run({ images }, wanted);
  const score = (found.score.data as Float32Array)[0];
  const map = found.anomaly_map ? (found.anomaly_map.data as Float32Array).slice() : null;
  if (!Number.isFinite(score) || map?.some((value) => !Number.isFinite(value))) {
    throw new Error('the detector gives values that are no numbers');
  }
  return { score, map };
}

/** For the library, which pads, crops, tiles and leaves out what does not count, as on the command line. */
const inOwnSize: AnomalyDetector = {
  ...detector,
  imageSize: detector.size,
  productResolution: 'image',
  threshold: null,
  detect: async (stack: ImageStack) => {
    const length = stack.height * stack.width * 3;
    const detections: Detection[] = [];
    for (let i = 0; i < stack.count; i++) {
      const found = await run(stack.data.slice(i * length, (i + 1) * length));
      detections.push(withinRegion({ ...found, levelMaps: [] }, stack, i));
      // So that the page stays alive between two tiles.
      await new Promise((resolve) => setTimeout(resolve));
    }
    return detections;
  },
  dispose: () => {},
};

async function judge(pixels: Pixels): Promise<Judgement> {
  const { size, resizeFilter, fit, tileOverlap, roi } = detector;
  const { width, height } = pixels;
  const data = rgbOf(pixels);
  if (fit === undefined && tileOverlap === undefined && roi === undefined) {
    return { ...(await run(resample(data, pixels, size, resizeFilter))), size, unseen: 0 };
  }
  const { score, map, unseen } = await judgePicture(inOwnSize, { width, height, data });
  const by = Math.ceil(Math.sqrt((width * height) / SHOWN_PIXELS));
  const shown = map && largestOfCells(map, { width, height }, by);
  return { score, map: shown, size: reducedSize({ width, height }, by), unseen };
}

async function readFile(file: File): Promise<ImageBitmap> {
  const fault = pictureFault(new Uint8Array(await file.arrayBuffer()));
  if (fault) throw new Error(fault);
  try {
    return await createImageBitmap(file, {
      colorSpaceConversion: 'none',
      premultiplyAlpha: 'none',
      imageOrientation: 'from-image',
    });
  } catch {
    throw new Error('this browser cannot read it: damaged, or of a kind that it does not know');
  }
}

function pixelsOf(
  source: ImageBitmap | HTMLVideoElement,
  width: number,
  height: number,
): ImageData {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('it has more pixels than this browser can read');
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, width, height);
}

/** One picture after the other. */
let queue: Promise<void> = Promise.resolve();

function add(name: string, read: () => Promise<ImageData>): void {
  const card = document.createElement('li');
  card.className = 'card';
  card.append(element('h3', name), element('p', 'Waiting …', 'quiet'));
  results.prepend(card);
  const item: Item = { name, card };
  items.push(item);
  tell();
  queue = queue.then(async () => {
    try {
      const pixels = await read();
      item.size = { width: pixels.width, height: pixels.height };
      item.judgement = await judge(pixels);
      draw(item, await createImageBitmap(pixels));
    } catch (error) {
      item.judgement = undefined;
      const { message } = error as Error;
      item.error = `${message[0].toUpperCase()}${message.slice(1).replace(/\.$/, '')}.`;
      card.replaceChildren(element('h3', name), chip('none'), element('p', item.error, 'error'));
    }
    showVerdict(item);
    tell();
    // So that the page stays alive between two pictures.
    await new Promise((resolve) => setTimeout(resolve));
  });
}

function element(tag: string, text: string, className = ''): HTMLElement {
  return Object.assign(document.createElement(tag), { textContent: text, className });
}

type Verdict = 'good' | 'defect' | 'none';

function verdictOf({ judgement, error }: Item): Verdict {
  if (!judgement || error || threshold === null) return 'none';
  return judgement.score > threshold ? 'defect' : 'good';
}

const VERDICTS: Record<Verdict, string> = {
  good: '✓ Good',
  defect: '✕ Defect',
  none: 'Not judged',
};

function chip(verdict: Verdict): HTMLElement {
  return element('p', VERDICTS[verdict], `verdict ${verdict}`);
}

/** Where a pixel is defective: above this; null where that is not known. */
function pixelThreshold({ score, map }: Judgement): number | null {
  if (!map) return null;
  if (detector.pixelThreshold !== null && threshold === detector.threshold) {
    return detector.pixelThreshold;
  }
  let largest = -Infinity;
  for (const value of map) if (value > largest) largest = value;
  return score === largest ? threshold : detector.pixelThreshold;
}

/** The picture, its map over it, and the contour over both. */
function draw({ card, name, size, judgement }: Item, picture: ImageBitmap): void {
  const { width, height } = size as { width: number; height: number };
  const scale = Math.min(1, SHOWN_WIDTH / width);
  const shown = document.createElement('canvas');
  shown.width = Math.max(1, Math.round(scale * width));
  shown.height = Math.max(1, Math.round(scale * height));
  shown.getContext('2d')?.drawImage(picture, 0, 0, shown.width, shown.height);
  picture.close();
  const view = element('div', '', 'view');
  view.setAttribute('role', 'img');
  view.append(shown);
  if (judgement?.map) {
    const map = document.createElement('canvas');
    map.className = 'map';
    Object.assign(map, judgement.size);
    const contour = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    contour.setAttribute('class', 'contour');
    contour.setAttribute('viewBox', `0 0 ${judgement.size.width} ${judgement.size.height}`);
    contour.setAttribute('preserveAspectRatio', 'none');
    for (const line of ['edge', 'line']) {
      const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      path.setAttribute('class', line);
      contour.append(path);
    }
    view.append(map, contour);
  }
  const score = element('p', '', 'score');
  card.replaceChildren(view, element('h3', name), chip('none'), score);
}

/** All of a picture that depends on the threshold. */
function showVerdict(item: Item): void {
  const { card, judgement, size, name } = item;
  const verdict = verdictOf(item);
  card.dataset.verdict = verdict;
  if (!judgement || !size) return;
  const text = threshold === null ? 'No threshold' : VERDICTS[verdict];
  const shownChip = card.querySelector('.verdict') as HTMLElement;
  Object.assign(shownChip, { className: `verdict ${verdict}`, textContent: text });
  const ratio =
    threshold !== null && threshold > 0
      ? ` (${(judgement.score / threshold).toPrecision(3)}\u00a0×\u00a0threshold)`
      : '';
  const score = card.querySelector('.score') as HTMLElement;
  const unseen =
    judgement.unseen > 0
      ? `. ${(100 * judgement.unseen).toPrecision(2)} % of the picture was not looked at`
      : '';
  score.textContent = `Score ${judgement.score.toPrecision(4)}${ratio}${unseen}`;
  const limit = pixelThreshold(judgement);
  const { map } = judgement;
  let where = '';
  if (map) {
    colour(card.querySelector('.map') as HTMLCanvasElement, judgement, limit);
    const data = Uint8Array.from(map, (value) => Number(limit !== null && value > limit));
    const path = outlinePath({ ...judgement.size, data });
    for (const line of card.querySelectorAll('.contour path')) line.setAttribute('d', path);
    const share =
      data.reduce((sum, inside) => sum + inside, 0) / map.filter((value) => value >= 0).length;
    if (limit !== null) where = `, ${(100 * share).toPrecision(2)} % of it above the threshold`;
  }
  card
    .querySelector('.view')
    ?.setAttribute('aria-label', `${name}, ${size.width} × ${size.height} pixels${where}`);
}

/** From no colour at 0 to the last colour at twice the threshold, or at the map's own largest value. */
function colour(
  canvas: HTMLCanvasElement,
  { map, size: { width, height } }: Judgement,
  limit: number | null,
): void {
  const context = canvas.getContext('2d');
  if (!context || !map) return;
  const largest = map.reduce((a, b) => (b > a ? b : a), 1e-30);
  const top = limit !== null && limit > 0 ? 2 * limit : largest;
  const image = context.createImageData(width, height);
  map.forEach((value, i) => {
    if (Number.isNaN(value)) {
      image.data.set([...NO_VALUE, 0.85 * 255], 4 * i);
      return;
    }
    const unit = Math.min(1, Math.max(0, value / top));
    const entry = 3 * Math.round(255 * unit);
    image.data.set(detector.colours.slice(entry, entry + 3), 4 * i);
    image.data[4 * i + 3] = 0.85 * 255 * unit;
  });
  context.putImageData(image, 0, 0);
}

/** How many of what. */
function tell(): void {
  const waiting = items.filter(({ judgement, error }) => !judgement && !error).length;
  const count = (wanted: Verdict) => items.filter((item) => verdictOf(item) === wanted).length;
  const pictures = items.length === 1 ? '1 picture' : `${items.length} pictures`;
  const parts = [`${count('good')} good`, `${count('defect')} defective`];
  const unjudged = count('none') - waiting;
  if (unjudged > 0) parts.push(`${unjudged} not judged`);
  if (waiting > 0) parts.push(`${waiting} waiting`);
  byId('count').textContent = items.length === 0 ? '' : `${pictures}: ${parts.join(', ')}`;
  for (const id of ['download', 'clear']) {
    byId<HTMLButtonElement>(id).disabled = items.length === 0 || waiting > 0;
  }
  byId('shown').hidden = items.length === 0;
}

// The slider: from a thirtieth of the detector's threshold to thirty times of it, in equal ratios.
const DECADES = 1.5;
const middle = detector.threshold !== null && detector.threshold > 0 ? detector.threshold : null;

function setThreshold(value: number | null): void {
  threshold = value;
  thresholdInput.value = value === null ? '' : `${Number(value.toPrecision(4))}`;
  if (middle !== null && value !== null && value > 0) {
    slider.value = `${Math.log10(value / middle)}`;
    slider.setAttribute('aria-valuetext', value.toPrecision(4));
  }
  byId<HTMLButtonElement>('reset').disabled = value === detector.threshold;
  for (const item of items) showVerdict(item);
  tell();
}

slider.hidden = middle === null;
Object.assign(slider, { min: `${-DECADES}`, max: `${DECADES}`, step: '0.01' });
slider.addEventListener('input', () => {
  if (middle !== null) setThreshold(middle * 10 ** Number(slider.value));
});
thresholdInput.addEventListener('change', () => {
  const value = Number(thresholdInput.value);
  setThreshold(thresholdInput.value === '' || !Number.isFinite(value) ? null : value);
});
byId('reset').addEventListener('click', () => setThreshold(detector.threshold));
for (const id of ['map', 'contour']) {
  const box = byId<HTMLInputElement>(`show-${id}`);
  box.addEventListener('change', () => results.classList.toggle(`no-${id}`, !box.checked));
}

function addFiles(files: Iterable<File>): void {
  for (const file of files) {
    add(file.webkitRelativePath || file.name, async () => {
      const picture = await readFile(file);
      const pixels = pixelsOf(picture, picture.width, picture.height);
      picture.close();
      return pixels;
    });
  }
}

const fileInput = byId<HTMLInputElement>('files');
fileInput.addEventListener('change', () => {
  addFiles(fileInput.files ?? []);
  fileInput.value = '';
});
const dropZone = byId('drop');
for (const type of ['dragover', 'drop', 'dragleave']) {
  document.addEventListener(type, (event) => {
    event.preventDefault();
    dropZone.classList.toggle('over', type === 'dragover');
    if (type === 'drop') addFiles((event as DragEvent).dataTransfer?.files ?? []);
  });
}
document.addEventListener('paste', ({ clipboardData }) => addFiles(clipboardData?.files ?? []));

// The camera.
const video = byId<HTMLVideoElement>('video');
let stream: MediaStream | null = null;
let shots = 0;

async function toggleCamera(): Promise<void> {
  if (stream) {
    for (const track of stream.getTracks()) track.stop();
    stream = null;
    video.srcObject = null;
  } else {
    byId('camera-error').textContent = '';
    try {
      if (!navigator.mediaDevices) throw new Error('this browser lends none to a page from disk');
      const wanted = { width: { ideal: 1920 }, facingMode: 'environment' };
      stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      byId('camera-error').textContent = `No camera: ${(error as Error).message}`;
    }
  }
  byId('camera').textContent = stream ? 'Stop the camera' : 'Use the camera';
  byId('viewfinder').hidden = !stream;
  if (stream) byId('shoot').focus();
}
byId('camera').addEventListener('click', () => void toggleCamera());
byId('shoot').addEventListener('click', () => {
  const { videoWidth, videoHeight } = video;
  if (videoWidth === 0) return;
  const pixels = pixelsOf(video, videoWidth, videoHeight);
  add(`camera ${++shots}`, async () => pixels);
});

byId('clear').addEventListener('click', () => {
  items.length = 0;
  results.replaceChildren();
  tell();
});

/** As in RFC 4180. */
function csvField(value: string | number): string {
  const text = `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
}

byId('download').addEventListener('click', () => {
  const rows = items.map((item) => {
    const { name, size, judgement, error = '' } = item;
    const verdict = verdictOf(item);
    const judged = judgement ? judgement.score : '';
    const word = verdict === 'none' ? (judgement ? '' : 'not judged') : verdict;
    return [name, size?.width ?? '', size?.height ?? '', judged, threshold ?? '', word, error];
  });
  const head = ['file', 'width', 'height', 'score', 'threshold', 'verdict', 'error'];
  const text = [head, ...rows].map((row) => `${row.map(csvField).join(',')}\n`).join('');
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  Object.assign(document.createElement('a'), {
    href: url,
    download: `${detector.name}-scores.csv`,
  }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
});

setThreshold(threshold);
session.then(
  () => {
    byId('status').textContent = '';
    document.body.classList.add('ready');
  },
  (error: Error) => {
    byId('status').textContent =
      `The detector could not be started: ${error.message}. No picture can be judged.`;
    document.body.classList.add('broken');
    fileInput.disabled = true;
    byId<HTMLButtonElement>('camera').disabled = true;
  },
);
