import type { InputFiles } from './lab/inputs';
import type { Contestant, Row, Sizes } from './row';
import { torch } from './row';

/** The detector, from images to maps and scores: the lab's ways and what one would run instead. */

const NOTE =
  'From decoded pixels to anomaly maps and scores in the program’s memory: both networks, the three level maps, ' +
  'their product at the image size.';

/** One image or a batch against each of the peers, and the lab's TensorFlow ops against PyTorch. */
function batchRows(files: InputFiles, { size }: Sizes, batch: number): Row[] {
  const { images, teacher, student, detector, quantised } = files;
  const options = { images, teacher, student, detector, size, batch };
  const runtime = (name: string, program: 'onnxruntime' | 'openvino'): Contestant => ({
    name,
    program,
    workload: 'inference',
    options,
  });
  const [eager, eagerChannelsLast] = torch('inference', options);
  const compiled = [eager, eagerChannelsLast].map(({ name, ...rest }) => ({
    ...rest,
    name: name.replace('eager', 'compiled'),
    options: { ...rest.options, compile: true },
  }));
  const many = `${batch === 1 ? 'one image' : `${batch} images`} at a time, ${size} x ${size}`;
  const row = (id: string, what: string, note: string, theirs: Contestant[]): Row => ({
    id: `infer-${batch}${id}`,
    title: `Detector${what}, ${many}`,
    note,
    ours: { name: 'lab', program: 'lab-onnx', workload: 'inference', options },
    theirs,
    images: batch,
    repeats: Math.max(2, 8 / batch),
    tolerance: 1e-3,
    shareOfSgemm: false,
  });
  const sameFile = 'As above. The peer runs the same exported file.';
  return [
    {
      ...row('', ' against PyTorch', `${NOTE} The lab exports the detector as ONNX.`, [
        eager,
        eagerChannelsLast,
      ]),
      shareOfSgemm: true,
    },
    {
      ...row('-tensorflow', ' by TensorFlow ops against PyTorch', NOTE, [eager, eagerChannelsLast]),
      ours: { name: 'lab', program: 'lab', workload: 'inference-tensorflow', options },
      shareOfSgemm: true,
    },
    {
      ...row(
        '-compile',
        ' against torch.compile',
        'As above; the time that compiling takes is not counted.',
        compiled,
      ),
      mayFail: true,
    },
    row('-onnxruntime', ' against ONNX Runtime in Python', sameFile, [
      runtime('ONNX Runtime', 'onnxruntime'),
    ]),
    {
      ...row(
        '-int8',
        ' in 8-bit integers against float32 peers',
        'The lab runs the file of `stfpm export --int8`, the peers the float32 one, whose scores are near and not equal.',
        [runtime('ONNX Runtime', 'onnxruntime'), runtime('OpenVINO', 'openvino')],
      ),
      ours: {
        name: 'lab, INT8',
        program: 'lab-onnx',
        workload: 'inference',
        options: { ...options, detector: quantised },
      },
      tolerance: 0.9,
    },
    row('-openvino', ' against OpenVINO', `${sameFile} OpenVINO is told to compute in float32.`, [
      runtime('OpenVINO', 'openvino'),
    ]),
  ];
}

/** From a file to the result, as a user waits for it once the detector is loaded. */
function pngRow({ pictures, teacher, student, detector }: InputFiles, { size }: Sizes): Row {
  const options = { pictures, teacher, student, detector, size };
  const workload = 'inference-png';
  const withPillow = ({ name, ...rest }: Contestant): Contestant => ({
    ...rest,
    name: `Pillow and ${name}`,
  });
  return {
    id: 'infer-png',
    title: `From a PNG of 900 x 900 on disk to anomaly map and score, ${size} x ${size}`,
    note:
      'Reading, decoding, resizing with an antialiasing filter (the same pixels on both sides) and the detector, one ' +
      'image after the other.',
    ours: { name: 'lab', program: 'lab-onnx', workload, options },
    theirs: [
      ...torch(workload, options),
      { name: 'ONNX Runtime', program: 'onnxruntime' as const, workload, options },
    ].map(withPillow),
    images: 1,
    repeats: 8,
    tolerance: 1e-3,
    shareOfSgemm: false,
  };
}

export function inferenceRows(files: InputFiles, sizes: Sizes): Row[] {
  return [...batchRows(files, sizes, 1), ...batchRows(files, sizes, 8), pngRow(files, sizes)];
}
