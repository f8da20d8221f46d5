/**
 * Takes the place of the reader of citations in a gateway without usage: wants nothing of a page.
 * @module
 */

/** As the reader has it. */
export class CitationReader {
  begin(): void {}
  meta(): void {}
  script(): undefined {}
  citation(): undefined {}
}
