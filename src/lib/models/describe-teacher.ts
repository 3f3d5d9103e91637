import type { TeacherSource } from './teacher';

/** One line for reports: which teacher it is, and what that means for the numbers. */
export function describeTeacher({ kind, name }: Pick<TeacherSource, 'kind' | 'name'>): string {
  if (kind === 'random') return `${name}: untrained, so that results say nothing about the method`;
  if (kind === 'embedded') {
    return (
      `${name}, distilled from the ImageNet one and a little weaker ` +
      '(`npx stfpm weights` gets the original)'
    );
  }
  return name;
}
