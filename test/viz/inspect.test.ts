import assert from 'node:assert/strict';
import type { DetectorMetadata } from '../../src/lib/onnx/metadata';
import { Random } from '../../src/lib/random/random';
import { fromBase85, toBase85 } from '../../src/viz/inspect/base85';
import { pageSettings } from '../../src/viz/inspect/inspect-page';
import { pictureFault } from '../../src/viz/inspect/picture-file';

describe('bytes as text of 85 characters', () => {
  const random = Random.fromSeed(1);
  const bytes = Uint8Array.from({ length: 4099 }, () => Math.floor(random.uniform(0, 256)));
  const text = Buffer.from(toBase85(bytes)).toString('latin1');

  it('come back as they were, whatever their number', () => {
    for (const length of [0, 1, 2, 3, 4, 5, 4099]) {
      const part = bytes.subarray(0, length);
      const written = Buffer.from(toBase85(part)).toString('latin1');
      assert.deepEqual([...fromBase85(written, length)], [...part]);
    }
    const ends = Uint8Array.of(255, 255, 255, 255, 0, 0, 0, 0);
    assert.deepEqual([...fromBase85(Buffer.from(toBase85(ends)).toString(), 8)], [...ends]);
  });

  it('contain nothing that could end a script element', () => {
    assert.match(text, /^[(-;=-}]+$/);
  });

  it('are refused when the text was cut short', () => {
    assert.throws(
      () => fromBase85(text.slice(0, -1), 4099),
      /expected 5125 characters, found 5124/,
    );
  });
});

describe('what keeps a picture file from being judged in a browser', () => {
  const marker = (code: number, ...content: number[]) => [
    ...[0xff, code, 0, content.length + 2],
    ...content,
  ];
  const frame = marker(0xc0, 8, 0, 1, 0, 1, 3);
  const scan = [...marker(0xda, 1, 2), 1, 0xff, 0, 2, 0xff, 0xd0, 3];
  const jpeg = (...parts: number[][]) => Uint8Array.from([0xff, 0xd8, ...parts.flat()]);

  it('is not what a camera appends to a whole JPEG', () => {
    const appended = [1, 2, 3, 4, 5, 6];
    assert.equal(pictureFault(jpeg(frame, scan, [0xff, 0xd9])), null);
    assert.equal(pictureFault(jpeg(frame, scan, [0xff, 0xd9], appended)), null);
    // A progressive one has several scans, and fill bytes may stand before a marker.
    assert.equal(pictureFault(jpeg(frame, scan, [0xff], scan, [0xff, 0xd9])), null);
  });

  it('is the missing end of a JPEG, wherever it is cut', () => {
    const whole = jpeg(frame, scan, [0xff, 0xd9]);
    for (let length = 3; length < whole.length; length++) {
      assert.match(`${pictureFault(whole.subarray(0, length))}`, /truncated/, `${length} bytes`);
    }
    // A thumbnail inside has an end of its own.
    const thumbnail = marker(0xe1, 0xff, 0xd8, 0xff, 0xd9);
    assert.match(`${pictureFault(jpeg(thumbnail, frame, scan))}`, /truncated/);
  });

  it('is a file of another kind', () => {
    assert.match(`${pictureFault(Buffer.from('<html>'))}`, /found something else/);
    assert.match(`${pictureFault(Buffer.from('II*\0rest'))}`, /a TIFF/);
    assert.match(`${pictureFault(new Uint8Array())}`, /an empty file/);
    assert.match(`${pictureFault(Buffer.from('BM'))}`, /truncated/);
    assert.match(`${pictureFault(Buffer.from('RIFF\xff\0\0\0WEBPVP8 ', 'latin1'))}`, /truncated/);
  });
});

describe("the settings of a detector's page", () => {
  const metadata: DetectorMetadata = {
    ...{ category: 'dots', imageSize: 64, resizeFilter: 'lanczos3', productResolution: 'image' },
    ...{ fit: 'stretch', tileOverlap: null },
    ...{
      sideMultiple: 16,
      margin: 0,
      autoEncoder: null,
      modelEpoch: null,
      precision: 'float32',
      quantisation: null,
      config: null,
    },
    teacher: { kind: 'none', name: '' },
    threshold: { value: 0.5, quantile: 0.99, images: 3, source: 'train' },
  };

  it("are the file's", () => {
    assert.deepEqual(pageSettings(metadata), {
      size: { height: 64, width: 64 },
      resizeFilter: 'lanczos3',
      threshold: 0.5,
      pixelThreshold: null,
    });
    assert.equal(pageSettings({ ...metadata, threshold: null }).threshold, null);
    const { fit, tileOverlap } = pageSettings({ ...metadata, fit: 'pad' });
    assert.deepEqual([fit, tileOverlap], ['pad', undefined]);
    assert.equal(pageSettings({ ...metadata, tileOverlap: 32 }).tileOverlap, 32);
  });

  it('are refused where the page would judge otherwise than the library', () => {
    const later = { ...metadata, sharpening: 2 } as DetectorMetadata;
    assert.throws(() => pageSettings(later), /page cannot do .* needs: sharpening 2\.$/);
    const deep = { ...metadata, valueRange: { samples: 'uint16', white: 4095 } as const };
    assert.throws(
      () => pageSettings(deep),
      /a scale of their own \(valueRange, white 4095 of uint16/,
    );
    const each = { ...metadata, roi: { of: 'each', name: 'regions', sha256: 'ab' } as const };
    assert.throws(() => pageSettings(each), /a region of interest of each picture.*\(regions\)/);
  });
});
