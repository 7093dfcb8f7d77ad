import { inheritedShape } from './inherited-shape.ts';
import { hostNameField } from './host-pattern-field.ts';
import { pemField } from './pem-field.ts';
import { booleanField } from './scalar-fields.ts';
import { filePathField } from './text-fields.ts';

const fields = {
  verify: booleanField(),
  ca: pemField('certificates'),
  ca_file: filePathField(),
  cert: pemField('certificates'),
  cert_file: filePathField(),
  key: pemField('key'),
  key_file: filePathField(),
  server_name: hostNameField(),
};

/** Connections to HTTPS backends, block `backend_tls`. */
export const backendTlsShape = {
  verify: fields.verify.prefault(true).meta({
    description: 'Refuse backends whose certificate is not trusted or not theirs. false takes any certificate.',
  }),
  ca: fields.ca.optional().meta({
    description: "Certificates (PEM) that are trusted in place of the system's.",
  }),
  ca_file: fields.ca_file.optional().meta({ description: 'File that holds ca.' }),
  cert: fields.cert.optional().meta({ description: 'Client certificate (PEM), with those between it and its root.' }),
  cert_file: fields.cert_file.optional().meta({ description: 'File that holds cert.' }),
  key: fields.key.optional().meta({ description: 'Key of the client certificate (PEM), not encrypted.' }),
  key_file: fields.key_file.optional().meta({ description: 'File that holds key.' }),
  server_name: fields.server_name.optional().meta({
    description: "Name that is asked for (SNI) and verified; default: the target's host.",
  }),
};

/** The block `backend_tls` of a route. */
export const routeBackendTlsShape = inheritedShape('backend_tls', fields);
