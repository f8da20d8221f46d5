/**
 * What the views of the console show, as values.
 * @module
 */
import type { FormModel, Marked, Term } from '../pages/models.ts'

/** A licence with a day that staff should know of. */
export interface DeadlineModel {
  readonly id: string
  readonly title: Marked
  readonly kind: 'shut' | 'wait'
  readonly text: string
}

/** A pool in a list. */
export interface PoolModel {
  readonly name: string
  readonly titles: readonly Marked[]
  readonly seats: number
  /** Absent when the store cannot tell. */
  readonly used?: number
  readonly kind: 'ready' | 'wait'
  readonly text: string
}

/** The start page. */
export interface OverviewModel {
  readonly lines: readonly Term[]
  readonly deadlines: readonly DeadlineModel[]
  readonly noDeadlines: string
  /** The fullest ones. */
  readonly pools: readonly PoolModel[]
}

/** All pools, the fullest first. */
export interface SeatsModel {
  readonly pools: readonly PoolModel[]
  /** Told when there are more pools than are shown. */
  readonly more?: string
}

/** Somebody who holds a seat, under a key that means nothing elsewhere. */
export interface HolderModel {
  readonly key: string
  readonly since: string
  readonly until: string
  /** Kept for somebody who waited and has not come yet. */
  readonly isOnHold: boolean
}

/** One pool with its holders. */
export interface PoolPageModel {
  readonly pool: PoolModel
  /** Absent when the store cannot tell. */
  readonly holders?: readonly HolderModel[]
  /** Told when somebody waits. */
  readonly waiting?: string
  readonly more?: string
  /** Present for those who may release. */
  readonly form?: FormModel
  /** The holder about whom "release" asks once more. */
  readonly asked?: HolderModel
  readonly notice?: 'released' | 'gone'
}

/** The form of "Why may they not?" as it was filled in. */
export interface QuestionModel {
  readonly target: string
  readonly address: string
  readonly categories: readonly {
    readonly name: string
    readonly label: string
    readonly isChosen: boolean
  }[]
  readonly groups: string
  readonly unit: string
  readonly at: string
  readonly targets: readonly { readonly id: string; readonly title: string }[]
}

/** One step of the decision. */
export interface StepModel {
  readonly name: string
  readonly outcome: string
  readonly kind: 'ready' | 'shut' | 'unasked'
  /** As `darbaza explain` prints it. */
  readonly detail: string
  /** File, line and setting; absent for what was not asked. */
  readonly rule?: string
}

/** The answer. */
export interface ExplanationModel {
  readonly verdict: string
  readonly kind: 'ready' | 'shut' | 'wait'
  readonly title: Marked
  readonly lines: readonly Term[]
  readonly steps: readonly StepModel[]
  /** What the reader is shown when they may not. */
  readonly shown?: { readonly title: string; readonly text: string; readonly action: string }
  readonly link: string
}

/** "Why may they not?" */
export interface ExplainModel {
  readonly question: QuestionModel
  readonly problem?: {
    readonly field: 'target' | 'address' | 'category' | 'at'
    readonly text: string
  }
  readonly answer?: ExplanationModel
}
