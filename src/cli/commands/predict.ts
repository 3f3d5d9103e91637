import type { Command } from 'commander';
import type { PredictOptions } from '../actions/predict';
import { runtimeOption } from '../runtime-option';

/** Loaded when the command runs: much of the library comes with it. */
const loadAction = () => require('../actions/predict') as typeof import('../actions/predict');

const MORE = `
The score is the largest value of the image's anomaly map: the higher, the more
unlike the good images of the training. What is high depends on the run: once it
has been evaluated, its test images' scores are told beside. An image that
cannot be read, or whose map is not made of numbers, is named at the end, and the
exit code is 1.

An image whose score is above the run's threshold is called defective. The
threshold is set at the end of the training, from normal images alone.

Overlays show the map over the image, at the size that the detector sees. Once
the run has been evaluated all have one scale: what a good test image shows
stays faint.

ONNX Runtime computes the detector unless --runtime says otherwise: it is ready
in a fraction of the time that TensorFlow takes to load, and scores agree to
four digits or more.

Examples:
  stfpm predict runs/bottle-b1 photo.png
  stfpm predict runs/bottle-b1 photos/ --out judged --overlays
  stfpm predict bottle.onnx photos/
  stfpm predict runs/bottle-b1 photos/ --json | jq '.images | max_by(.score)'`;

export function addPredictCommand(program: Command): void {
  program
    .command('predict')
    .description('score your own images')
    .argument('<run>', 'the run folder, or a file that `stfpm export` wrote')
    .argument('<images...>', 'image files, or folders of images')
    .option('--weights <file>', "the teacher's weights, if they are elsewhere now")
    .option('-o, --out <folder>', 'write scores.csv there (file, score)')
    .option(
      '--overlays',
      'write the anomaly maps over the images too, as PNG, to overlays/ in --out',
    )
    .option('--maps <file.npy>', 'write the raw anomaly maps, as float32 [images, height, width]')
    .addOption(runtimeOption('onnx'))
    .option('--json', 'print the scores as JSON, and nothing else')
    .addHelpText('after', MORE)
    .action((run: string, images: string[], options: PredictOptions) =>
      loadAction().predict(run, images, options),
    );
}
