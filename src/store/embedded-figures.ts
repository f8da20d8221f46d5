/**
 * Documents of figures in SQLite.
 * @module
 */
import type { FiguresStore } from './contract.ts'
import { integerOf, textOf, type EmbeddedDatabase } from './embedded-database.ts'

/** The figures of the file. */
export function createEmbeddedFigures(database: EmbeddedDatabase): FiguresStore {
  const put = database.prepare(`
    INSERT INTO figures (kind, period, made_from, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, period) DO UPDATE
    SET made_from = excluded.made_from, body = excluded.body`)
  const list = database.prepare(`
    SELECT period, made_from, body FROM figures
    WHERE kind = ? AND period BETWEEN ? AND ? ORDER BY period`)
  const listMadeFrom = database.prepare(
    'SELECT period, made_from FROM figures INDEXED BY figures_by_kind WHERE kind = ?',
  )
  const drop = database.prepare('DELETE FROM figures WHERE kind = ? AND period = ?')

  return {
    async write(documents) {
      if (documents.length === 0) return
      await database.transact(() => {
        for (const { kind, period, madeFrom, body } of documents) {
          put.run(kind, period, madeFrom, body)
        }
      })
    },
    read: (kind, from, to) =>
      database.attempt(() =>
        list.all(kind, from, to).map((row) => ({
          kind,
          period: textOf(row, 'period'),
          madeFrom: integerOf(row, 'made_from'),
          body: textOf(row, 'body'),
        })),
      ),
    madeFrom: (kind) =>
      database.attempt(
        () =>
          new Map(
            listMadeFrom
              .all(kind)
              .map((row) => [textOf(row, 'period'), integerOf(row, 'made_from')] as const),
          ),
      ),
    async remove(kind, periods) {
      await database.transact(() => {
        for (const period of periods) drop.run(kind, period)
      })
    },
  }
}
