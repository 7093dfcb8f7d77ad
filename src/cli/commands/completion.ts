import type { Command } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { completionModel } from '../completion/completion-model.ts';
import { fishCompletion } from '../completion/fish.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { EXIT_OK } from '../exit-status.ts';
import { jsonOutcome } from '../outcome.ts';
import type { CommandOutcome } from '../outcome.ts';

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

/** A shell that `completion` knows. */
export type Shell = keyof typeof WRITERS;

/**
 * `rwwwrse completion SHELL`: a script made from the tree of commands, so that it can offer nothing else.
 *
 * @param tree the program itself
 */
export function completion(shell: Shell, tree: Command, isJson: boolean): CommandOutcome {
  const script = WRITERS[shell](completionModel(tree));
  if (isJson) return jsonOutcome(EXIT_OK, { shell, script });
  return { status: EXIT_OK, stdout: script, stderr: '' };
}
