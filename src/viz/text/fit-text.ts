import { textWidth } from './text-width';

/** The text, shortened with an ellipsis where it would be wider than `width` pixels. */
export function fitText(text: string, width: number, fontSize: number, bold = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  const characters = [...text];
  while (characters.length > 0) {
    characters.pop();
    const shortened = `${characters.join('').trimEnd()}…`;
    if (textWidth(shortened, fontSize, bold) <= width) return shortened;
  }
  return '';
}
