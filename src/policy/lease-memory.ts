/**
 * Leases that a process remembers, each under a key of its own: found by the key at every exchange, and
 * forgotten by their holder, of whom there are thousands with one or two leases each.
 * @module
 */

/** What a lease is forgotten by. */
export interface HeldLease {
  readonly holder: string
  readonly pool: string
}

/** A bounded memory of leases; beyond its bound the one that was put in longest ago goes. */
export class LeaseMemory<Lease extends HeldLease> {
  readonly #leases = new Map<string, Lease>()
  /** The keys of each holder's leases; nobody is in it without one. */
  readonly #keysOf = new Map<string, Set<string>>()
  readonly #most: number

  /** @param most How many are remembered. */
  constructor(most: number) {
    this.#most = most
  }

  /** How many leases there are, and of how many holders. */
  get size(): { readonly leases: number; readonly holders: number } {
    return { leases: this.#leases.size, holders: this.#keysOf.size }
  }

  get(key: string): Lease | undefined {
    return this.#leases.get(key)
  }

  /** Puts a lease in, or in again as the newest. */
  set(key: string, lease: Lease): void {
    this.delete(key)
    this.#leases.set(key, lease)
    const keys = this.#keysOf.get(lease.holder)
    if (keys === undefined) this.#keysOf.set(lease.holder, new Set([key]))
    else keys.add(key)
    if (this.#leases.size <= this.#most) return
    const [oldest] = this.#leases.keys()
    if (oldest !== undefined) this.delete(oldest)
  }

  delete(key: string): void {
    const lease = this.#leases.get(key)
    if (lease === undefined) return
    this.#leases.delete(key)
    const keys = this.#keysOf.get(lease.holder)
    keys?.delete(key)
    if (keys?.size === 0) this.#keysOf.delete(lease.holder)
  }

  /** Forgets the holder's leases: all, or those of a pool. */
  forget(holder: string, pool?: string): void {
    for (const key of this.#keysOf.get(holder) ?? []) {
      if (pool === undefined || this.#leases.get(key)?.pool === pool) this.delete(key)
    }
  }
}
