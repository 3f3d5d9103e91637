import { randomTeacherArrays, readTeacherFile } from '../models/teacher-arrays';
import { EMBEDDED_WEIGHTS } from '../weights/teacher-file';
import type { NamedArrays } from '../weights/tensor-file';
import type { RunConfig } from './run-config';

/**
 * The arrays of the teacher that a run was trained with, without loading the engine.
 *
 * @param file where its weights are now; default: where they were in training
 * @throws Error when the file is gone or holds other weights now
 */
export function readTeacher({ teacher }: RunConfig, file: string | undefined): NamedArrays {
  if (teacher.kind === 'random') return randomTeacherArrays(teacher.seed ?? 0).arrays;
  const where =
    file ?? teacher.file ?? (teacher.kind === 'embedded' ? EMBEDDED_WEIGHTS : undefined);
  if (where === undefined)
    throw new Error(`No file is known for the teacher ${teacher.name}; name one.`);
  const { arrays, source } = readTeacherFile(where);
  if (source.sha256 !== teacher.sha256) {
    throw new Error(
      `${where}: expected the weights that the run was trained with (SHA-256 ${teacher.sha256}), ` +
        `found ${source.sha256}.`,
    );
  }
  return arrays;
}
