import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

import { until } from './until.ts';
import { createFolder } from './yaml-program.ts';

/** Shells that can be typed into. */
export type ShellName = 'bash' | 'zsh' | 'fish';

/** Inserts every completion of the word before the cursor (fish: the only one); reports the line and empties it. */
const KEYS = { complete: '\u0018a', report: '\u0018r' } as const;

/**
 * Settings of each shell that make the keys above do that in the shell's own line editor. A line is reported into the file OUT; a prompt, as
 * `ready`.
 */
const SETTINGS: Readonly<Record<ShellName, string>> = {
  bash: `PROMPT_COMMAND='echo ready >> "$OUT"'
bind '"\\C-xa": insert-completions'
report() { echo "line: $READLINE_LINE" >> "$OUT"; READLINE_LINE=''; }
bind -x '"\\C-xr": report'
`,
  zsh: `autoload -Uz compinit; compinit -u -D
precmd() { print ready >> "$OUT" }
zstyle ':completion:all:*' completer _all_matches _complete
zstyle ':completion:all:*' insert true
zle -C all complete-word _generic
bindkey '^Xa' all
report() { print -r -- "line: $BUFFER" >> "$OUT"; BUFFER='' }
zle -N report; bindkey '^Xr' report
`,
  fish: `function fish_prompt; echo ready >> $OUT; end
bind \\cxa complete
bind \\cxr 'echo "line: "(commandline) >> $OUT; commandline ""'
`,
};

const STARTS: Readonly<Record<ShellName, string>> = {
  bash: 'bash --noprofile --rcfile "$SETTINGS/.bashrc" -i',
  zsh: 'ZDOTDIR="$SETTINGS" zsh -d -i',
  fish: 'fish --no-config -i -C "source $SETTINGS/.fishrc"',
};

/** An interactive shell on a terminal of its own, in an empty folder. */
export class TypedShell {
  readonly folder: string;
  private readonly child: ChildProcess;
  private readonly out: string;

  private constructor(folder: string, child: ChildProcess, out: string) {
    this.folder = folder;
    this.child = child;
    this.out = out;
  }

  /** Starts a shell that has read a script; it ends with the test. */
  static async start(context: TestContext, shell: ShellName, script: string): Promise<TypedShell> {
    const folder = createFolder(context);
    const settings = createFolder(context);
    const out = join(settings, 'out');
    writeFileSync(join(settings, `.${shell}rc`), `${SETTINGS[shell]}${script}`);
    const child = spawn('script', ['--quiet', '--command', STARTS[shell], '/dev/null'], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, TERM: 'xterm', SETTINGS: settings, OUT: out },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdout.resume();
    context.after(() => child.kill('SIGKILL'));
    const typed = new TypedShell(folder, child, out);
    await until(`${shell} has a prompt`, () => typed.reported().includes('ready'));
    return typed;
  }

  /** The line that comes of typing this text and asking for all completions of its last word. */
  async completed(text: string): Promise<string> {
    const before = this.lines().length;
    this.child.stdin?.write(`${text}${KEYS.complete}${KEYS.report}`);
    await until(`the line of ${text}`, () => this.lines().length > before);
    return this.lines().at(-1) ?? '';
  }

  private lines(): string[] {
    return this.reported()
      .filter((line) => line.startsWith('line: '))
      .map((line) => line.slice('line: '.length));
  }

  private reported(): string[] {
    return existsSync(this.out) ? readFileSync(this.out, 'utf8').split('\n') : [];
  }
}
