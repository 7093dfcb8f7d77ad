import type { FieldList } from './field-list.ts';
import { FIELD_OTHER, fieldIdOfName } from './field-names.ts';

/** A field that the configuration names: its id is looked up once, not with every request. */
export class NamedField {
  /** Lower case. */
  readonly name: string;
  private readonly id: number;

  /** @param name in any case */
  constructor(name: string) {
    this.name = name.toLowerCase();
    this.id = fieldIdOfName(name);
  }

  /** Value of its first line, or null. */
  first(fields: FieldList): string | null {
    return this.id === FIELD_OTHER ? fields.firstOther(this.name) : fields.first(this.id);
  }

  /** All its values joined by `, ` (RFC 9110 5.3), or null. */
  joined(fields: FieldList): string | null {
    return this.id === FIELD_OTHER ? fields.joinedOther(this.name) : fields.joined(this.id);
  }

  /** Takes all its lines out. */
  drop(fields: FieldList): void {
    if (this.id === FIELD_OTHER) fields.removeOther(this.name);
    else fields.removeId(this.id);
  }
}
