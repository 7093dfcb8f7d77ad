import { Redaction } from '../../../../src/telemetry/logs/redaction.ts';
import { measure } from '../../measure.ts';

const redaction = new Redaction([]);

measure('a target without query', () => redaction.target('/assets/app.4f3a9c.js'));
measure('a target with a harmless query', () => redaction.target('/assets/app.4f3a9c.js?v=12'));
measure('a target with a secret', () => redaction.target('/callback?code=4f3a9c&state=12'));
measure('a Referer without query', () => redaction.url('https://app.example.com/'));
