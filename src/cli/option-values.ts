import { InvalidArgumentError } from 'commander';

/** @throws InvalidArgumentError for anything but a finite number */
export function finiteNumber(text: string): number {
  // Number('') is 0, and nobody means that.
  const number = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(number)) throw new InvalidArgumentError('Expected a number.');
  return number;
}

/** @throws InvalidArgumentError for anything but a finite number from 0 on */
export function notNegative(text: string): number {
  const number = finiteNumber(text);
  if (number >= 0) return number;
  throw new InvalidArgumentError('Expected a number from 0 on.');
}

/** @throws InvalidArgumentError for anything but an object in JSON */
export function jsonObject(text: string): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`Expected JSON (${(error as Error).message}).`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InvalidArgumentError('Expected an object in JSON.');
}
