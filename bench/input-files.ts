import * as path from 'path';
import type { InputFiles } from './lab/inputs';

/** The files that all sides read, by what is in them. */
export function inputFiles(folder: string): InputFiles {
  const file = (name: string) => path.join(folder, name);
  return {
    images: file('images.u8'),
    teacher: file('teacher.safetensors'),
    student: file('student.safetensors'),
    autoEncoders: file('auto-encoders.safetensors'),
    detector: file('detector.onnx'),
    quantised: file('detector-int8.onnx'),
    pictures: file('pictures'),
    scores: file('scores.f32'),
    tiedScores: file('tied-scores.f32'),
    labels: file('labels.u8'),
  };
}
