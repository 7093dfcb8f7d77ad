/** Version of the program; a test holds it equal to package.json. */
export const VERSION = '1.0.0';

/** Why a part of the program cannot work with the rest: another version was installed over the one that runs. Null = it can. */
export function otherVersion(onDisk: string, running: string): string | null {
  if (onDisk === running) return null;
  return `the program on the disk is version ${onDisk}, this one is ${running}: rwwwrse upgrade takes it over`;
}
