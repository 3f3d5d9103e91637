import assert from 'node:assert/strict';
import sharp from 'sharp';
import { loadMask } from '../../src/lib/data/mask';
import { temporaryFolder } from './temporary-folder';

const SIZE = { width: 8, height: 6 };

describe('polygons as ground truth', () => {
  const { path, write } = temporaryFolder();
  let imageFile: string;

  before(async () => {
    const picture = sharp({ create: { ...SIZE, channels: 3, background: 'grey' } });
    imageFile = write('part/007.png', await picture.png().toBuffer());
  });

  const drawn = async (content: unknown) => {
    const file = write('truth.json', JSON.stringify(content));
    const { width, data } = await loadMask(file, { imageFile });
    const rows = Array.from({ length: data.length / width }, (_, y) =>
      [...data.subarray(y * width, (y + 1) * width)].join(''),
    );
    return rows.join(' ');
  };
  const labelme = (shapes: object[], size: object = {}) => ({
    shapes: shapes.map((shape) => ({ label: 'scratch', ...shape })),
    imageWidth: 8,
    imageHeight: 6,
    ...size,
  });
  const coco = (annotations: object[], name = 'somewhere/007.jpg') => ({
    images: [
      { id: 4, file_name: name, ...SIZE },
      { id: 5, file_name: '008.png', ...SIZE },
    ],
    annotations: annotations.map((annotation) => ({ image_id: 4, ...annotation })),
  });

  it('draws the pixels whose centres lie inside', async () => {
    const triangle = [
      [0, 0],
      [4, 0],
      [0, 4],
    ];
    assert.equal(
      await drawn(labelme([{ points: triangle, shape_type: 'polygon' }])),
      '11100000 11000000 10000000 00000000 00000000 00000000',
    );
  });

  it('draws rectangles, circles and several shapes, and leaves out points', async () => {
    const shapes = [
      {
        points: [
          [5, 4],
          [2, 1],
        ],
        shape_type: 'rectangle',
      },
      {
        points: [
          [7, 5],
          [8, 5],
        ],
        shape_type: 'circle',
      },
      { points: [[0.5, 0.5]], shape_type: 'point' },
    ];
    assert.equal(
      await drawn(labelme(shapes)),
      '00000000 00111000 00111000 00111000 00000011 00000011',
    );
  });

  it('draws the polygons of an image in a COCO file, and no other image', async () => {
    const square = [1, 1, 3, 1, 3, 3, 1, 3];
    const other = { image_id: 5, segmentation: [[0, 0, 8, 0, 8, 6, 0, 6]] };
    assert.equal(
      await drawn(coco([{ segmentation: [square, [5, 5, 7, 5, 7, 6, 5, 6]] }, other])),
      '00000000 01100000 01100000 00000000 00000000 00000110',
    );
    assert.equal(
      await drawn(coco([{ bbox: [6, 0, 2, 1] }])),
      '00000011 00000000 00000000 00000000 00000000 00000000',
    );
  });

  it('reads run lengths, plain and compressed', async () => {
    // Column by column: rows 1 and 2 of the columns 1 to 3.
    const counts = [7, 2, 4, 2, 4, 2, 27];
    const expected = '00000000 01110000 01110000 00000000 00000000 00000000';
    assert.equal(await drawn(coco([{ segmentation: { size: [6, 8], counts } }])), expected);
    assert.equal(
      await drawn(coco([{ segmentation: { size: [6, 8], counts: '724000g0' } }])),
      expected,
    );
    await assert.rejects(
      drawn(coco([{ segmentation: { size: [6, 8], counts: [7, 2] } }])),
      /expected run lengths of 8 x 6 pixels, found 9 of 8 x 6/,
    );
  });

  it('refuses polygons of another size, of no such image, and what is neither', async () => {
    await assert.rejects(
      drawn(labelme([], { imageWidth: 80 })),
      /expected polygons drawn on the 8 x 6 pixels of its image, found some drawn on 80 x 6/,
    );
    await assert.rejects(
      drawn(coco([], '009.png')),
      /expected annotations of 007\.png, found none/,
    );
    await assert.rejects(
      drawn({ hello: 1 }),
      /expected JSON of labelme or COCO, or .*, found other JSON/,
    );
    await assert.rejects(loadMask(write('x.json', '{'), { imageFile }), /x\.json: expected JSON/);
    await assert.rejects(loadMask(path('truth.json')), /expected the image .*, found none named/);
  });
});
