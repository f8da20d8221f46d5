/**
 * A store whose operations are timed, put around any other.
 * @module
 */
import type { Stopwatch } from '../core/stopwatch.ts'
import type { Store } from './contract.ts'

/** The parts of a store that are timed. */
type PartName = 'records' | 'seats' | 'usage' | 'figures' | 'control'

/** The same store; each operation of a part is timed under the part's name. */
export function watchedStore(store: Store, begin: Stopwatch<[PartName], [isWell: boolean]>): Store {
  return {
    ...store,
    records: watched(store.records, () => begin('records')),
    seats: watched(store.seats, () => begin('seats')),
    usage: watched(store.usage, () => begin('usage')),
    figures: watched(store.figures, () => begin('figures')),
    control: watched(store.control, () => begin('control')),
  }
}

/** What is answered later is timed; what is no question of the store, such as to listen, passes. */
function watched<Part extends object>(part: Part, begin: () => (isWell: boolean) => void): Part {
  const made = new Map<PropertyKey, unknown>()
  function wrap(method: CallableFunction) {
    return (...args: unknown[]): unknown => {
      const end = begin()
      const answer: unknown = Reflect.apply(method, part, args)
      if (!(answer instanceof Promise)) return answer
      answer.then(
        () => end(true),
        () => end(false),
      )
      return answer
    }
  }
  return new Proxy(part, {
    get(target, name) {
      const known = made.get(name)
      if (known !== undefined) return known
      const found: unknown = Reflect.get(target, name)
      if (typeof found !== 'function') return found
      const wrapped = wrap(found)
      made.set(name, wrapped)
      return wrapped
    },
  })
}
