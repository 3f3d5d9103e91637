import assert from 'node:assert/strict';
import {
  autoEncoderConfigSchema,
  autoEncoderShapes,
  autoEncoderSteps,
} from '../../src/lib/models/auto-encoder';
import { AUTO_ENCODER_DEPTH as DEPTH, readAutoEncoderCases } from './auto-encoder-cases';

const size = (shape: readonly number[]) => shape.reduce((product, n) => product * n, 1);

describe('autoEncoderSteps', () => {
  for (const [name, { config: input }] of Object.entries(readAutoEncoderCases())) {
    it(`tells every step with its shape and all parameters (${name})`, () => {
      const config = autoEncoderConfigSchema.parse(input);
      const steps = autoEncoderSteps(config, DEPTH, 16);
      const all = [...autoEncoderShapes(config, DEPTH).values()];
      assert.equal(
        steps.reduce((sum, { parameters }) => sum + parameters, 0),
        all.reduce((sum, shape) => sum + size(shape), 0),
      );
      assert.deepEqual(steps[steps.length - 1].shape, [16, 16, DEPTH]);
    });
  }
});
