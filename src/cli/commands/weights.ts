import type { Command } from 'commander';
import { fetchImagenetWeights } from '../../lib/weights/teacher-file';
import { interruptible } from '../terminal/interruption';
import { openProgress } from '../terminal/progress';
import { print } from '../terminal/say';

const MORE = `
The weights are torchvision's ResNet-18, trained on ImageNet-1k (BSD-3-Clause;
ImageNet's images are for non-commercial research). The file's checksum is
verified. Without a network, get resnet18-f37072fd.pth some other way and name
it in RESNET18_WEIGHTS or with --weights.

Environment:
  RESNET18_WEIGHTS_URL  another server's folder with the file

Example:
  stfpm weights && stfpm train`;

export function addWeightsCommand(program: Command): void {
  program
    .command('weights')
    .description("download the teacher's ImageNet weights (45 MB), once, to the user's cache")
    .addHelpText('after', MORE)
    .action(weights);
}

/** `stfpm weights` */
async function weights(): Promise<void> {
  const progress = openProgress();
  try {
    const { file, sha256, downloaded } = await interruptible((signal) =>
      fetchImagenetWeights({
        signal,
        onProgress: (received, total) => {
          const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
          progress.update({
            name: 'Downloading',
            done: megabytes(received),
            total: megabytes(total ?? received),
            unit: 'MB',
          });
        },
      }),
    );
    progress.stop();
    print(`${downloaded ? 'Downloaded' : 'Already there'}: ${file}\nSHA-256 ${sha256}`);
  } finally {
    progress.stop();
  }
}
