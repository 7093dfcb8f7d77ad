import type { Socket } from 'node:net';

/** Native write request; one is reused as long as writes complete at once. */
export interface WriteRequest {
  oncomplete: ((this: WriteRequest, status: number) => void) | null;
  /** Keeps the memory of the write alive. */
  pieces: readonly (string | Buffer)[] | null;
  wire: unknown;
}

/** The stream methods of a socket's native handle that the fast wire uses. */
export interface StreamHandle {
  onread: ((this: StreamHandle) => Buffer | undefined) | null;
  wire: unknown;
  /** Bytes that wait in the process for the kernel. */
  readonly writeQueueSize: number;
  useUserBuffer(buffer: Buffer): void;
  readStart(): number;
  readStop(): number;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Buffer): number;
  writev(request: WriteRequest, pieces: readonly unknown[], allBuffers: boolean): number;
}

/** What Node's own net module uses of its stream binding. */
export interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

const STATE_NAMES = ['kReadBytesOrError', 'kLastWriteWasAsync'] as const;

function loadBinding(): StreamBinding | null {
  try {
    const load = Reflect.get(process, 'binding') as ((name: string) => unknown) | undefined;
    const binding = load?.call(process, 'stream_wrap') as Partial<StreamBinding> | undefined;
    if (binding === undefined || typeof binding.WriteWrap !== 'function') return null;
    if (!ArrayBuffer.isView(binding.streamBaseState)) return null;
    if (!STATE_NAMES.every((name) => typeof binding[name] === 'number')) return null;
    return binding as StreamBinding;
  } catch {
    return null;
  }
}

/**
 * Node's stream binding, or null where it is not to be had: then every wire is a `StreamWire` over the public API. Measured:
 * reads into one shared buffer and writes without the stream machinery save 3 to 4 microseconds of 19 per request
 * (docs/adr/0003).
 */
export const STREAM_BINDING: StreamBinding | null = loadBinding();

const HANDLE_METHODS = [
  'useUserBuffer',
  'readStart',
  'readStop',
  'writeLatin1String',
  'writeBuffer',
  'writev',
] as const;

/** The native handle of a connected socket that nothing was read from yet, or null where it lacks what the fast wire needs. */
export function streamHandleOf(socket: Socket): StreamHandle | null {
  const handle = Reflect.get(socket, '_handle') as Partial<StreamHandle> | null | undefined;
  if (handle === null || handle === undefined) return null;
  return HANDLE_METHODS.every((name) => typeof handle[name] === 'function') ? (handle as StreamHandle) : null;
}
