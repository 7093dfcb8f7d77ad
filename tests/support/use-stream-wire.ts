/** Preload (`--import`) for a program under test: its workers use the public socket API instead of the native handle. */
import { selectWire } from '../../src/dataplane/wire/open.ts';

selectWire('stream');
