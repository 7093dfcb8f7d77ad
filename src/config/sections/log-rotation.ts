import { integerField, sizeField } from './scalar-fields.ts';

const MAX_FILE_BYTES = 2 ** 40;
/** So small that a mistyped unit would rename files all the time. */
const MIN_FILE_BYTES = 4_096;

/** Keys of a log file's own rotation, the same for every log. */
export const rotationShape = {
  max_size: sizeField(0, MAX_FILE_BYTES)
    .prefault(0)
    .meta({ description: `Size at which the file is begun anew; below ${MIN_FILE_BYTES} counts as that; 0 is off.` }),
  keep: integerField(1, 1_000)
    .prefault(7)
    .meta({ description: 'Old files that stay when max_size is set: .1 is the youngest.' }),
};

/** The size that is meant by `max_size`. */
export function rotationBytes(maxSize: number): number {
  return maxSize === 0 ? 0 : Math.max(maxSize, MIN_FILE_BYTES);
}
