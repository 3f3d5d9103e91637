// What the widgets' sides in the page have in common.

/** Adds a new element at the end of another. */
export function add<Name extends keyof HTMLElementTagNameMap>(
  parent: HTMLElement,
  name: Name,
  className = '',
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  if (className !== '') element.className = className;
  parent.append(element);
  return element;
}

/** Bytes as the page has them. */
export function bytesOf({ buffer, byteOffset, byteLength }: DataView): Uint8Array<ArrayBuffer> {
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** A canvas with a picture's pixels. @param rgb row-major, 3 bytes a pixel */
export function paint(canvas: HTMLCanvasElement, rgb: Uint8Array): void {
  const { width, height } = canvas;
  const pixels = new ImageData(width, height);
  for (let i = 0; i < width * height; i++) {
    for (let c = 0; c < 3; c++) pixels.data[4 * i + c] = rgb[3 * i + c];
    pixels.data[4 * i + 3] = 255;
  }
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
}
