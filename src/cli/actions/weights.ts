import { fetchImagenetWeights } from '../../lib/weights/teacher-file';
import { interruptible } from '../interruption';
import { openProgress } from '../progress';
import { print } from '../say';

/** `stfpm weights` */
export async function weights(): Promise<void> {
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
    print(`${downloaded ? 'Downloaded' : 'There already'}: ${file}\nSHA-256 ${sha256}`);
  } finally {
    progress.stop();
  }
}
