import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { packModel, WEIGHT_BITS } from '../../lib/onnx/pack-model';
import type { PackedModel } from '../../lib/onnx/unpack-model';
import type { SharedRegion } from '../../lib/data/region-of-interest';
import { inFrame } from '../../lib/models/image-size';
import type { DetectorMetadata } from '../../lib/onnx/metadata';
import { colormap } from '../colormap/colormap';
import { bundlePage } from '../page/bundle-page';
import { toBase85 } from './base85';
import { FileError } from '../../lib/files/file-error';
import { MAX_MODEL_BYTES } from '../../lib/files/limits';
import { readRegularFileSync, readTextFile } from '../../lib/files/read-file';

/** How the page reads pictures and scores. */
export interface PageSettings {
  size: { height: number; width: number };
  resizeFilter: DetectorMetadata['resizeFilter'];
  /** An image whose score is above it is defective; null where none was set. */
  threshold: number | null;
  /** The same for a pixel; null where it is the image's, which fits where a score is the map's largest value. */
  pixelThreshold: number | null;
  /** Left out: stretched. */
  fit?: Exclude<DetectorMetadata['fit'], 'stretch'>;
  /** Of a detector of tiles. Left out: pictures are seen whole. */
  tileOverlap?: number;
  /** What counts of all pictures. Left out: all of them. */
  roi?: SharedRegion;
}

/** What the page knows of its detector, besides the model. */
export interface InspectedDetector extends PageSettings {
  /** What the CSV's name begins with. */
  name: string;
  /** RGB of 256 steps, from the lowest value to the highest. */
  colours: number[];
  model: PackedModel & Deflated;
  runtime: Deflated;
}

/** Bytes before and after they were deflated. */
export interface Deflated {
  bytes: number;
  deflated: number;
}

export interface InspectPageOptions {
  /** What the page is called: the run's name. */
  name: string;
  /** The method's name in full. */
  method: string;
  metadata: DetectorMetadata;
}

export interface InspectPage {
  html: Uint8Array;
  /** Bits in which the weights are stored. */
  weightBits: number;
}

/** The page stays smaller where the model allows. */
const LIMIT = 20e6;

/** For the error where it is not there. */
const OWN = 'a part of the lab';

/**
 * A detector as one HTML page that needs no other file and no network: ONNX Runtime Web and the model are inside. The
 * weights are stored in as many bits as fit into 20 MB; a larger model's in 18.
 *
 * @param model bytes of an ONNX file that `exportRun` gave
 * @throws Error for a detector that does what the page cannot, with the setting's name
 */
export async function inspectPage(
  model: Uint8Array,
  { name, method, metadata }: InspectPageOptions,
): Promise<InspectPage> {
  const settings = pageSettings(metadata);
  const wasmFile = require.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
  const wasm = deflated(
    readRegularFileSync(wasmFile, MAX_MODEL_BYTES, (found, cause) => {
      throw new FileError(wasmFile, OWN, found, { cause });
    }),
  );
  // With ONNX Runtime Web, which runs in the page's own thread.
  const script = bundlePage(path.join(__dirname, 'page.mts'));
  const room = (LIMIT - script.length - 40_000) / 1.25 - wasm.content.length;
  const { packed, content, weightBits } = packInto(room, model);
  const { threshold, category, teacher, modelEpoch } = metadata;
  const detector: InspectedDetector = {
    name,
    ...settings,
    colours: [...colormap('inferno')],
    model: { ...packed, bytes: content.bytes, deflated: content.content.length },
    runtime: { bytes: wasm.bytes, deflated: wasm.content.length },
  };
  // The template engine is loaded where a page is made.
  const { Eta } = require('eta') as typeof import('eta');
  const eta = new Eta({ autoEscape: true });
  const text = eta.renderString(readTextFile(path.join(__dirname, 'page.eta'), OWN), {
    title: category ?? name,
    name,
    method,
    // Of tiles and padding too.
    size: inFrame(metadata).replace(' x ', ' × '),
    roi: metadata.roi ?? null,
    teacher: teacher.kind === 'none' ? null : teacher.name,
    modelEpoch,
    threshold,
    weightBits,
    style: readTextFile(path.join(__dirname, 'page.css'), OWN),
    detector: JSON.stringify(detector).replace(/</g, '\\u003c'),
    script: script.replace(/<\/(script)/gi, '<\\/$1').replace(/<!--/g, '<\\!--'),
  });
  // The long texts are put in as bytes: the template engine would copy them many times.
  const [head, middle, tail] = text.split(/@@(?:model|runtime)@@/);
  const html = Buffer.concat([
    Buffer.from(head),
    toBase85(content.content),
    Buffer.from(middle),
    toBase85(wasm.content),
    Buffer.from(tail),
  ]);
  return { html, weightBits };
}

/**
 * The settings of a detector's page.
 *
 * @throws Error for a detector that needs what a page cannot do: it would give other scores without a word
 */
export function pageSettings(metadata: DetectorMetadata): PageSettings {
  const known = new Set([
    ...['category', 'imageSize', 'resizeFilter', 'productResolution', 'sideMultiple', 'margin'],
    ...['autoEncoder', 'teacher', 'modelEpoch', 'threshold', 'config', 'fit', 'tileOverlap', 'roi'],
    ...['precision', 'quantisation'],
  ]);
  const { fit, tileOverlap, roi = null, valueRange = null } = metadata;
  if (roi?.of === 'each') {
    throw new Error(
      `A page cannot judge within a region of interest of each picture, as this detector needs (${roi.name}): ` +
        '`stfpm predict --roi` can.',
    );
  }
  if (valueRange !== null) {
    throw new Error(
      'A page cannot do what this detector needs: its pictures have a scale of their own (valueRange, white ' +
        `${valueRange.white} of ${valueRange.samples}), and a browser shows all as 8 bits. \`stfpm predict\` can.`,
    );
  }
  for (const [setting, value] of Object.entries(metadata)) {
    if (known.has(setting) || value === null || value === undefined) continue;
    const text = JSON.stringify(value);
    throw new Error(`A page cannot do what this detector needs: ${setting} ${text.slice(0, 80)}.`);
  }
  const { resizeFilter, threshold } = metadata;
  const { imageSize } = metadata as { imageSize: number | PageSettings['size'] };
  return {
    size: typeof imageSize === 'number' ? { height: imageSize, width: imageSize } : imageSize,
    resizeFilter,
    threshold: threshold?.value ?? null,
    pixelThreshold: threshold?.pixel ?? null,
    ...(fit !== 'stretch' && { fit }),
    ...(tileOverlap !== null && { tileOverlap }),
    ...(roi && { roi }),
  };
}

interface DeflatedContent {
  bytes: number;
  content: Uint8Array;
}

function deflated(bytes: Uint8Array): DeflatedContent {
  return { bytes: bytes.length, content: gzipSync(bytes, { level: 9 }) };
}

/** What a model has that is too large in any case. */
const USUAL_BITS = 18;

/** The model with the most bits a weight that fit. */
function packInto(room: number, model: Uint8Array) {
  const pack = (weightBits: number) => {
    const { packed, content } = packModel(model, weightBits);
    return { packed, content: deflated(content), weightBits };
  };
  for (const weightBits of WEIGHT_BITS) {
    // Sign and exponent deflate by five bits at most: what is too large all the same is not tried.
    if ((model.length / 4) * ((weightBits - 6) / 8) > room) continue;
    const found = pack(weightBits);
    if (found.content.content.length <= room) return found;
  }
  return pack(USUAL_BITS);
}
